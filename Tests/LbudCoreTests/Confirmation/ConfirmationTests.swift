import LbudCore
import Testing

@Suite struct ConfirmationTests {
  /// Swift Testing has one too.
  private typealias Confirmation = LbudCore.Confirmation

  private static let start = Instant(nanoseconds: 100_000_000_000)

  private func confirmation(made: Int64 = 1_800_000_000, _ seconds: Int64 = 600) -> Confirmation {
    Confirmation(
      awaiting: ["aa"], back: Array("LBUD/box.20261127120000.tar.gz".utf8), reboots: true, made: made,
      seconds: Seconds(seconds), now: Self.start, boot: "first", uid: 0, user: "root", message: "other\naddresses=1")
  }

  @Test func inItsOwnBootTheClockThatNobodySetsCounts() {
    var pending = confirmation()
    let isOther = pending.adopt(boot: "first", now: Self.start + 60, wall: 0)
    #expect(!isOther)
    #expect(pending == confirmation())
    #expect(!pending.isOver(at: Self.start + 599))
    #expect(pending.isOver(at: Self.start + 600))
  }

  @Test func afterARebootTheWallClockTellsWhatIsLeft() {
    var pending = confirmation()
    let now = Instant(nanoseconds: 20_000_000_000)
    let isOther = pending.adopt(boot: "second", now: now, wall: 1_800_000_000 + 200)
    #expect(!isOther)
    #expect(pending.deadline == now + 400)
  }

  @Test func whenTheTimeWasOverDuringTheRebootItIsOver() {
    var pending = confirmation()
    let now = Instant(nanoseconds: 20_000_000_000)
    let isOther = pending.adopt(boot: "second", now: now, wall: 1_900_000_000)
    #expect(!isOther)
    #expect(pending.isOver(at: now))
  }

  @Test func aClockThatIsSetInTheSecondBootChangesNothing() {
    var pending = confirmation()
    let now = Instant(nanoseconds: 20_000_000_000)
    let isOther = pending.adopt(boot: "second", now: now, wall: 1_800_000_000 + 200)
    #expect(!isOther)
    let before = pending
    let isOtherAgain = pending.adopt(boot: "second", now: now + 10, wall: 2_000_000_000)
    #expect(!isOtherAgain)
    #expect(pending == before)
  }

  @Test func aBoxWithoutAClockThatBootsAgainAndAgainComesToItsEnd() {
    var pending = confirmation()
    let now = Instant(nanoseconds: 20_000_000_000)
    var boots = 0
    while !pending.isOver(at: now), boots < 100 {
      boots += 1
      let serial = pending.serial
      let isOther = pending.adopt(boot: "boot \(boots)", now: now, wall: 5)
      #expect(isOther)
      #expect(pending.serial == serial + 1)
      // What was written is read again.
      pending = (try? Confirmation(kept: pending.kept)) ?? confirmation()
    }
    #expect(boots == 10)
  }

  @Test func aClockThatWasNotSetAtTheCommitTellsNothing() {
    var pending = confirmation(made: 1000)
    let now = Instant(nanoseconds: 20_000_000_000)
    let isOther = pending.adopt(boot: "second", now: now, wall: 1_800_000_000)
    #expect(isOther)
    #expect(pending.deadline == now + 300)
  }

  @Test func noClockGivesMoreTimeThanWasGiven() {
    var pending = confirmation()
    let now = Instant(nanoseconds: 20_000_000_000)
    let isOther = pending.adopt(boot: "second", now: now, wall: 1_800_000_000)
    #expect(!isOther)
    #expect(pending.deadline == now + 600)
  }

  @Test func itIsKeptWithAllItsWords() throws {
    var pending = confirmation().extended(to: "bb", current: "aa")
    #expect(pending.awaiting == ["aa", "bb"])
    #expect(pending.serial == 2)
    #expect(try Confirmation(kept: pending.kept) == pending)
    pending.user = "r\u{0}\\x41\u{fffd}"
    #expect(try Confirmation(kept: Confirmation(kept: pending.kept).kept) == pending)
    pending.message = nil
    pending.user = nil
    pending.back = Array("LBUD/b".utf8) + [0xff, 0x20]
    #expect(try Confirmation(kept: pending.kept) == pending)
  }

  @Test func whatIsCutOrOtherwiseIsNotTakenForOne() throws {
    let kept = confirmation().kept
    let message = try #require(kept.firstRange(of: Array("\nmessage=".utf8)))
    for count in 0..<message.lowerBound {
      let cut = Array(kept[..<count])
      // Cut inside of the name it reads as another name: the hash around it is the shell's.
      guard let read = try? Confirmation(kept: cut) else { continue }
      #expect(read.back.count < confirmation().back.count)
    }
    for bad in ["", "x", "format=2", "format=1\nserial=1"] {
      #expect(throws: Unreadable.self) { try Confirmation(kept: Array(bad.utf8)) }
    }
    let text = String(decoding: kept, as: UTF8.self)
    for (old, new) in [
      ("made=1800000000", "made=-9223372036854775808"), ("serial=1", "serial=18446744073709551615"),
      ("until=1800000600", "until=1700000000"), ("uid=0", "uid=-1"),
    ] {
      #expect(text.contains(old))
      let wrong = text.replacing(old, with: new)
      #expect(throws: Unreadable.self) { try Confirmation(kept: Array(wrong.utf8)) }
    }
  }

  @Test func inWords() {
    #expect(confirmation().words == "by root: other\\naddresses=1")
    #expect(
      confirmation().otherwise == "LBUD/box.20261127120000.tar.gz becomes current again, and the machine reboots")
  }
}
