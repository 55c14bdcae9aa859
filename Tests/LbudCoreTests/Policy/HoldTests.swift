import LbudCore
import Testing

@Suite("Nothing is committed while somebody experiments")
struct HoldTests {
  static let hold = Hold(until: .at(500), since: 1_700_000_000, uid: 1000, user: "ann", why: "a new firewall")

  static func situation(_ asked: CommitReason? = nil, hold: Hold? = hold) -> Policy.Situation {
    var situation = Policy.Situation(now: .at(400), oldest: .at(1), newest: .at(1))
    situation.hold = hold
    situation.asked = asked
    return situation
  }

  @Test func whatIsDueWaitsForItsEnd() {
    let policy = Policy(settings: Settings())
    #expect(policy.decide(Self.situation()) == .wait(until: .at(500), .held(Self.hold)))
    #expect(policy.decide(Self.situation(hold: nil)) == .commit(.idle))
  }

  @Test("a wish is made, what asks by itself is not", arguments: [.request, .signal] as [CommitReason])
  func wishes(reason: CommitReason) {
    var policy = Policy(settings: Settings())
    #expect(policy.decide(Self.situation(reason)) == .commit(reason))
    policy.settings.automatic = false
    #expect(policy.decide(Self.situation(reason, hold: nil)) == .commit(reason))
    #expect(policy.decide(Self.situation(.apk, hold: nil)) == .wait(until: nil, .onRequestOnly))
    #expect(policy.decide(Self.situation(.apk)) == .wait(until: .at(500), .held(Self.hold)))
  }

  @Test func aWishComesAtOnceButNotInATransactionNorWithoutMedia() {
    let policy = Policy(settings: Settings())
    var situation = Self.situation(.apk, hold: nil)
    situation.newest = .at(400)
    #expect(policy.decide(situation) == .commit(.apk))
    situation.transaction = .init(pid: 9)
    #expect(policy.decide(situation) == .wait(until: .at(401), .transaction(.init(pid: 9))))
    situation.mediaIsMissing = true
    #expect(policy.decide(situation) == .wait(until: nil, .mediaMissing))
  }

  @Test func whatWasPutOffComesSoonAndIsNoFailure() {
    var policy = Policy(settings: Settings())
    policy.commitBegan()
    policy.commitPutOff(at: .at(400))
    #expect(policy.decide(Self.situation(hold: nil)) == .wait(until: .at(402), .retry(failures: 0)))
    policy.commitFailed(at: .at(400))
    #expect(policy.decide(Self.situation(hold: nil)) == .wait(until: .at(410), .retry(failures: 1)))
  }

  @Test func itIsOverAtItsSecond() {
    #expect(!Self.hold.isOver(at: .at(499)))
    #expect(Self.hold.isOver(at: .at(500)))
    #expect(!Hold(since: 0, uid: 0).isOver(at: .at(1 << 30)))
  }

  // MARK: Kept

  @Test(arguments: [
    hold, Hold(since: -5, uid: 0), Hold(since: 0, uid: .max, user: "a=b", why: "two\nlines=\nboot=x"),
    Hold(since: 0, uid: 0, why: ""),
  ])
  func itIsWhatItWas(hold: Hold) throws {
    #expect(try Hold.restored(from: hold.kept(boot: "b1"), boot: "b1") == hold)
  }

  @Test func itEndsWithTheBoot() throws {
    #expect(try Hold.restored(from: Self.hold.kept(boot: "b1"), boot: "b2") == nil)
  }

  @Test(
    "what somebody else wrote is no hold",
    arguments: [
      "x", "boot=b\nsince=1", "boot=b\nsince=x\nuid=1", "\0\0", "boot=b\nsince=1\nuid=-1",
      "boot=b\nsince=1\nuid=1\nuntil=x",
    ])
  func damaged(text: String) {
    #expect(throws: Unreadable.self) { try Hold.restored(from: Array(text.utf8), boot: "b") }
  }

  // MARK: How long

  @Test(
    arguments: [
      ("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1h30m", 5400), ("365d", 31_536_000),
    ] as [(String, Seconds)])
  func durations(text: String, expected: Seconds) {
    #expect(DurationText.seconds(text) == expected)
  }

  @Test(arguments: [
    "", "0", "0m", "m", "1x", "-5", "1h30", "366d", "99999999999999999999", "9999999999999999999d", "1 h", "1.5h", "٣m",
  ])
  func noDurations(text: String) {
    #expect(DurationText.seconds(text) == nil)
  }
}
