/// The day, the week, the month and the year that a dated name tells, in UTC as all of those names are.
enum DatedPeriod {
  /// `2026-11-24`.
  static func day(_ date: [UInt8]) -> String { "\(text(date, 0..<4))-\(text(date, 4..<6))-\(text(date, 6..<8))" }

  /// `2026-11`.
  static func month(_ date: [UInt8]) -> String { "\(text(date, 0..<4))-\(text(date, 4..<6))" }

  /// `2026`.
  static func year(_ date: [UInt8]) -> String { text(date, 0..<4) }

  /// `2026-W48`: the ISO week, which begins on a Monday and belongs to the year that has its Thursday (ISO 8601, 2.2.10).
  static func week(_ date: [UInt8]) -> String {
    let day = days(number(date, 0..<4), number(date, 4..<6), number(date, 6..<8))
    // The first day of 1970 was a Thursday.
    let weekday = (day % 7 + 7 + 3) % 7
    let thursday = day - weekday + 3
    let year = year(of: thursday)
    let week = (thursday - days(year, 1, 1)) / 7 + 1
    return "\(year)-W\(week < 10 ? "0" : "")\(week)"
  }

  private static func text(_ date: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: date.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
  }

  private static func number(_ date: [UInt8], _ range: Range<Int>) -> Int { Int(text(date, range)) ?? 0 }

  /// Days since 1970 began. Fourteen digits may tell a date that there is none of: the nearest month, and days that go on
  /// into the next one.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let month = min(max(month, 1), 12)
    let leaps = { (year: Int) in floorDivided(year, 4) - floorDivided(year, 100) + floorDivided(year, 400) }
    let isLeap = leaps(year) > leaps(year - 1)
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] + (isLeap && month > 2 ? 1 : 0)
    return (year - 1970) * 365 + leaps(year - 1) - leaps(1969) + before + day - 1
  }

  private static func year(of day: Int) -> Int {
    var year = 1970 + floorDivided(day, 366)
    while days(year + 1, 1, 1) <= day { year += 1 }
    while days(year, 1, 1) > day { year -= 1 }
    return year
  }

  private static func floorDivided(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
  }
}
