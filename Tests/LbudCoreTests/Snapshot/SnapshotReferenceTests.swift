import LbudCore
import Testing

@Suite struct SnapshotReferenceTests {
  /// An hour east of Greenwich all year, at 2026-11-24 10:00:00 there.
  static let now: Int64 = 1_795_510_800
  static let calendar = SnapshotReference.Calendar(
    now: now, seconds: { days($0) * 86_400 + Int64($0.hour * 3600 + $0.minute * 60 + $0.second) - 3600 },
    local: { _ in SnapshotReference.LocalTime(year: 2026, month: 11, day: 24, hour: 10) })

  /// Since 1970, by adding them up.
  static func days(_ time: SnapshotReference.LocalTime) -> Int64 {
    let isLeap = { (year: Int) in year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    let years = (1970..<max(1970, time.year)).reduce(0) { $0 + (isLeap($1) ? 366 : 365) }
    let lengths = [31, isLeap(time.year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return Int64(years + lengths[..<(time.month - 1)].reduce(0, +) + time.day - 1)
  }

  private func reference(_ text: String) -> SnapshotReference? {
    SnapshotReference(Array(text.utf8), calendar: Self.calendar)
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("-1", 1), ("-12", 12), ("current", 0), ("last", 0),
  ])
  func numbers(_ text: String, _ back: Int) { #expect(reference(text) == .back(back)) }

  static let times: [(String, Int64)] = [
    ("now", now), ("today", now), ("yesterday", 1_795_474_800 - 1), ("2h", now - 7200), ("1d12h", now - 129_600),
    // A day is all of it, and so is a minute.
    ("2026-11-24", 1_795_474_800 + 86_400 - 1), ("2026-11-24T10:00", now + 59), ("2026-11-24 10:00:00", now),
    ("2026-11-24T10:00:00Z", now + 3600), ("2026-11-24T10:00:00+01:00", now),
    ("2026-11-24T10:00:00-0200", now + 10_800),
    // As messages and other programs print it.
    ("2026-11-24 10:00:00 UTC", now + 3600), ("2026-11-24 10:00:00UTC", now + 3600), ("2026-11-24 10:00:00 +0100", now),
    ("2026-11-24 10:00 -0200", now + 10_859),
    ("2026-02-28", 1_772_319_599), ("2024-02-29T12:00:00Z", 1_709_208_000), ("1970-01-01T00:00:00Z", 0),
    ("2000-03-01T00:00:00Z", 951_868_800),
  ]

  @Test(arguments: times)
  func aTime(_ text: String, _ time: Int64) { #expect(reference(text) == .asOf(time)) }

  @Test(arguments: [
    "box.20261124100000.tar.gz", "LBUD/box.20261124100000.tar.gz", "12.20261124100000.tar.gz", "box.apkovl.tar.gz",
    "tomorrow", "2026-11-24.tar.gz", "", "-x", "1h30",
  ])
  func names(_ text: String) { #expect(reference(text) == .named(Array(text.utf8))) }

  @Test func aNameThatIsNoText() {
    #expect(SnapshotReference([0xff, 0x31], calendar: Self.calendar) == .named([0xff, 0x31]))
  }

  @Test(arguments: [
    "1", "12", "-99999999999999999999", "2026-13-01", "2026-02-29", "2026-11-24T25:00", "2026-11-24T10:00:00+99:00",
    "2026-11-24T10", "2026-11-24Tnoon", "2026-11-24 10:00:00 ", "2026-11-31",
    "2026-11-24 10:00:00  UTC", "2026-11-24 10:00:00 UTC ", "2026-11-24 10:00:00 CET", "2026-11-24 UTC",
  ])
  func whatCannotBe(_ text: String) { #expect(reference(text) == nil) }

  // MARK: Which of those that there are

  private static let candidates =
    ([
      ("box.apkovl.tar.gz", 500, true), ("gate.apkovl.tar.gz", 900, false),
      ("LBUD/box.20260102000000.tar.gz", 400, true),
      ("LBUD/gate.20260101120000.tar.gz", 350, false), ("LBUD/box.20260101000000.tar.gz", 300, true),
      ("box.20260101000000.tar.gz", 200, true),
    ] as [(String, Int64, Bool)]).map { SnapshotReference.Candidate(name: Array($0.utf8), time: $1, isOwn: $2) }

  static let found: [(SnapshotReference, Int)] = [
    (.back(0), 0), (.back(1), 2), (.back(3), 5), (.asOf(1000), 0), (.asOf(499), 2), (.asOf(399), 4),
    (.asOf(200), 5), (.named(Array("gate.apkovl.tar.gz".utf8)), 1),
    (.named(Array("box.20260102000000.tar.gz".utf8)), 2),
    // The one in the top directory, as revert has it.
    (.named(Array("box.20260101000000.tar.gz".utf8)), 5), (.named(Array("LBUD/box.20260101000000.tar.gz".utf8)), 4),
  ]

  @Test(arguments: found)
  func isFound(_ reference: SnapshotReference, _ place: Int) throws {
    #expect(try reference.place(in: Self.candidates) == place)
  }

  @Test func whatIsNotThere() {
    #expect(throws: SnapshotReference.Failure.tooFarBack(4, count: 4)) {
      try SnapshotReference.back(4).place(in: Self.candidates)
    }
    #expect(throws: SnapshotReference.Failure.tooEarly(oldest: 200)) {
      try SnapshotReference.asOf(199).place(in: Self.candidates)
    }
    #expect(throws: SnapshotReference.Failure.noSuchName([0xff])) {
      try SnapshotReference.named([0xff]).place(in: Self.candidates)
    }
    #expect(throws: SnapshotReference.Failure.none) { try SnapshotReference.back(0).place(in: [Self.candidates[1]]) }
  }

  /// After a revert, or by a clock that was wrong, those in front need not be the newest.
  @Test func aTimeMeansTheNewestByThenInWhateverOrderTheyAre() throws {
    let reverted = ([("a", 100), ("c", 300), ("b", 200), ("b2", 200)] as [(String, Int64)]).map {
      SnapshotReference.Candidate(name: Array($0.utf8), time: $1, isOwn: true)
    }
    let places = try [1000, 300, 299, 200, 199, 100].map { try SnapshotReference.asOf($0).place(in: reverted) }
    #expect(places == [1, 1, 2, 2, 0, 0])
    #expect(throws: SnapshotReference.Failure.tooEarly(oldest: 100)) {
      try SnapshotReference.asOf(99).place(in: reverted)
    }
  }

  @Test func aTimeNeverMeansADamagedOne() throws {
    var candidates = Self.candidates
    candidates[0].isUsable = false
    #expect(try SnapshotReference.asOf(1000).place(in: candidates) == 2)
    // Its number and its name still do, so that somebody is told.
    #expect(try SnapshotReference.back(0).place(in: candidates) == 0)
    #expect(try SnapshotReference.named(Array("box.apkovl.tar.gz".utf8)).place(in: candidates) == 0)
    candidates[5].isUsable = false
    #expect(throws: SnapshotReference.Failure.tooEarly(oldest: 300)) {
      try SnapshotReference.asOf(250).place(in: candidates)
    }
    for place in candidates.indices { candidates[place].isUsable = false }
    #expect(throws: SnapshotReference.Failure.noneUsable) { try SnapshotReference.asOf(1000).place(in: candidates) }
  }
}
