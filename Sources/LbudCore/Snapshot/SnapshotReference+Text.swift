/// Snapshots as people name them: `-1`, `yesterday`, `2026-11-24`, `2h`, a file's name.
extension SnapshotReference {
  /// A day and a time of it, in somebody's time zone.
  package struct LocalTime: Equatable, Sendable {
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour = 0
    package var minute = 0
    package var second = 0

    package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
      self.year = year
      self.month = month
      self.day = day
      self.hour = hour
      self.minute = minute
      self.second = second
    }
  }

  /// Time zones are the system's business.
  package struct Calendar: Sendable {
    /// In seconds since 1970.
    package var now: Int64
    /// The time in seconds since 1970; a day behind the month's last, or before its first, is one of the next month or the
    /// one before. Nil for what cannot be told.
    package var seconds: @Sendable (LocalTime) -> Int64?
    /// The local time of so many seconds since 1970.
    package var local: @Sendable (Int64) -> LocalTime

    package init(
      now: Int64, seconds: @escaping @Sendable (LocalTime) -> Int64?, local: @escaping @Sendable (Int64) -> LocalTime
    ) {
      self.now = now
      self.seconds = seconds
      self.local = local
    }
  }

  /// What is neither a number nor a time is the name of a file.
  ///
  /// A day means all of it: the last snapshot of that day or before it. So does a minute.
  /// - Returns: nil for a number or a time that cannot be.
  package init?(_ text: [UInt8], calendar: Calendar) {
    let string = String(decoding: text, as: UTF8.self)
    if let count = Self.count(string) {
      guard let count else { return nil }
      self = .back(count)
    } else if let end = Self.day(string, calendar) {
      self = .asOf(end)
    } else if let ago = DurationText.seconds(string), string.utf8.last.map(Self.isDigit) == false {
      self = .asOf(calendar.now - ago.count)
    } else if Self.looksLikeTime(string) {
      guard let end = Self.time(string, calendar) else { return nil }
      self = .asOf(end)
    } else {
      self = .named(text)
    }
  }

  /// `0`, `-1`, `-2`, and `current`, `last` for 0. Nil for what is no number; a number that cannot be is a nil inside.
  private static func count(_ text: String) -> Int?? {
    if text == "current" || text == "last" { return 0 }
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { return nil }
    guard let number = Int(digits), text.hasPrefix("-") || number == 0 else { return .some(nil) }
    return number
  }

  private static func day(_ text: String, _ calendar: Calendar) -> Int64? {
    let back: Int
    switch text {
    case "now", "today": return calendar.now
    case "yesterday": back = 1
    default: return nil
    }
    var day = calendar.local(calendar.now)
    day = LocalTime(year: day.year, month: day.month, day: day.day - back + 1)
    return calendar.seconds(day).map { $0 - 1 }
  }

  /// A date of four digits, a hyphen, two, a hyphen, two; whatever follows.
  private static func looksLikeTime(_ text: String) -> Bool {
    let bytes = Array(text.utf8.prefix(10))
    return bytes.count == 10
      && bytes.enumerated().allSatisfy { [4, 7].contains($0) ? $1 == UInt8(ascii: "-") : isDigit($1) }
      && (text.utf8.count == 10 || ["T", "t", " "].contains(text[text.index(text.startIndex, offsetBy: 10)]))
  }

  /// ISO 8601, as far as people write it: `2026-11-24`, `2026-11-24T10:05`, `2026-11-24 10:05:01`, with `Z` or `+01:00` behind
  /// a time; and as programs print it, with ` UTC` or ` +0100`.
  private static func time(_ text: String, _ calendar: Calendar) -> Int64? {
    var rest = text[...]
    guard let year = number(&rest, 4), take("-", &rest), let month = number(&rest, 2), take("-", &rest),
      let day = number(&rest, 2), (1...12).contains(month), (1...days(in: month, of: year)).contains(day)
    else { return nil }
    guard !rest.isEmpty else {
      return calendar.seconds(LocalTime(year: year, month: month, day: day + 1)).map { $0 - 1 }
    }
    rest = rest.dropFirst()
    guard let hour = number(&rest, 2), take(":", &rest), let minute = number(&rest, 2), hour < 24, minute < 60 else {
      return nil
    }
    var second = 59
    if take(":", &rest) {
      guard let exact = number(&rest, 2), exact <= 60 else { return nil }
      second = exact
    }
    let local = LocalTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard !rest.isEmpty else { return calendar.seconds(local) }
    return offset(&rest).map { utc(local) - $0 }
  }

  /// Seconds east of Greenwich.
  private static func offset(_ text: inout Substring) -> Int64? {
    _ = take(" ", &text)
    if ["Z", "z", "UTC"].contains(text) { return 0 }
    guard let sign = text.popFirst(), sign == "+" || sign == "-", let hours = number(&text, 2) else { return nil }
    _ = take(":", &text)
    let minutes = text.isEmpty ? 0 : number(&text, 2)
    guard let minutes, text.isEmpty, hours < 24, minutes < 60 else { return nil }
    return Int64(hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  /// Seconds since 1970 of a time in UTC.
  private static func utc(_ time: LocalTime) -> Int64 {
    let leaps = { (year: Int) in year / 4 - year / 100 + year / 400 }
    let daysBefore = (1..<max(1, time.month)).reduce(0) { $0 + days(in: $1, of: time.year) }
    let years = time.year - 1970
    let day = years * 365 + leaps(time.year - 1) - leaps(1969) + daysBefore + time.day - 1
    return Int64(day * 86_400 + time.hour * 3600 + time.minute * 60 + time.second)
  }

  private static func number(_ text: inout Substring, _ width: Int) -> Int? {
    let digits = text.prefix(width)
    guard digits.utf8.count == width, digits.utf8.allSatisfy(isDigit) else { return nil }
    text = text.dropFirst(width)
    return Int(digits)
  }

  private static func take(_ character: Character, _ text: inout Substring) -> Bool {
    guard text.first == character else { return false }
    text = text.dropFirst()
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
