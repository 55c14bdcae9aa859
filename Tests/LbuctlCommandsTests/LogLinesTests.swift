import LbudProtocol
import Testing

@testable import LbuctlCommands

/// `lbuctl log`, line by line.
@Suite struct LogLinesTests {
  private static func entry(
    _ name: String, back: Int? = 0, own: Bool = true, state: LbudProtocol.LogEntry.State = .recorded
  ) -> LbudProtocol.LogEntry {
    var entry = LogEntry(
      back: back, name: WirePath(name), folder: "", size: 412_345, time: Sample.wall, standing: .old, boots: .no,
      host: WirePath("box"), own: own, state: state)
    guard state == .recorded else { return entry }
    (entry.reason, entry.uid, entry.user, entry.changed) = ("idle", 0, "root", 3)
    return entry
  }

  @Test func aSnapshotALine() {
    var current = Self.entry("box.apkovl.tar.gz")
    (current.boots, current.readBack, current.message) = (.yes, true, "wireguard")
    var aside = Self.entry("box.20261124221001.tar.gz", back: 12)
    (aside.folder, aside.size, aside.changed, aside.user, aside.uid, aside.aside) = ("LBUD", 5, 1, nil, 1000, true)
    #expect(
      LogLines.lines([current, aside]) == [
        "  0  2026-11-24 22:10:01  412 kB  idle  3 changes  root (0)  box.apkovl.tar.gz               boots, verified",
        "     wireguard",
        "-12  2026-11-24 22:10:01     5 B  idle  1 change   uid 1000  LBUD/box.20261124221001.tar.gz  saved aside",
      ])
  }

  @Test func aNameThatIsVeryLongMovesNoOthers() {
    let long = String(repeating: "n", count: 61)
    var (first, second) = (Self.entry("a.20261124221001.tar.gz"), Self.entry(long, back: 1))
    (first.readBack, second.readBack) = (true, true)
    #expect(
      LogLines.lines([first, second]) == [
        " 0  2026-11-24 22:10:01  412 kB  idle  3 changes  root (0)  a.20261124221001.tar.gz  verified",
        "-1  2026-11-24 22:10:01  412 kB  idle  3 changes  root (0)  \(long)  verified",
      ])
  }

  @Test func thereIsNone() { #expect(LogLines.lines([]) == []) }

  /// Anybody may have written a record: no line is moved by it, nor made longer than it need be.
  @Test func whatARecordSaysStaysInItsColumn() {
    var hostile = Self.entry("a\u{1b}[2J\nb.20261124221001.tar.gz", back: nil, own: false)
    hostile.host = WirePath(bytes: [0xff, 0x0a])
    hostile.reason = String(repeating: "r", count: 1000)
    hostile.user = "漢字\u{1b}]0;x\u{7}" + String(repeating: "u", count: 300)
    hostile.message = "one\ntwo\u{202e}"
    hostile.changed = .max
    hostile.size = .max
    hostile.time = .infinity
    #expect(
      LogLines.lines([hostile]) == [
        "  1970-01-01 00:00:00  9223372036854.7 MB  rrrrrrrrrrr>  9223372036854775807 changes  漢字\\x1b]0;x\\x07uuu> (0)"
          + "  a\\x1b[2J\\nb.20261124221001.tar.gz  of \u{fffd}\\n",
        "  one\\ntwo\\u{202e}",
      ])
  }

  @Test func whatIsNotRecordedIsSaid() {
    var damaged = Self.entry("c", back: nil, own: false, state: .damaged)
    (damaged.damage, damaged.host) = ("the file\n is empty", nil)
    var unopened = Self.entry("d", back: 2, state: .unopened)
    (unopened.damage, unopened.message) = ("why", "")
    var rival = Self.entry("a", state: .unrecorded)
    rival.boots = .maybe
    let lines = LogLines.lines([rival, Self.entry("b", back: 1, state: .sealed), damaged, unopened])
    let start = "2026-11-24 22:10:01  412 kB  -  -  -"
    #expect(
      lines == [
        " 0  \(start)  a  may boot, no record (by lbu, or cut short)",
        "-1  \(start)  b  encrypted, and the password is not there",
        "    \(start)  c  of another box, damaged", "    the file\\n is empty",
        "-2  \(start)  d  not decrypted (wrong PASSWORD, or damaged)", "    why",
      ])
  }
}
