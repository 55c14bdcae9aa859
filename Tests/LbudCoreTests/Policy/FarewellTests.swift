import LbudCore
import Testing

@Suite("What the console shows when lbud ends")
struct FarewellTests {
  static func lines(_ ending: Farewell.Ending, _ problems: [Problem] = []) -> [String] {
    Farewell(ending: ending, problems: problems).lines.map { "\($0.level.rawValue): \($0.text)" }
  }

  @Test(
    arguments: [
      (.nothing, ["info: all that was changed is saved"]),
      (.saved(1, "/media/usb/box.apkovl.tar.gz"), ["info: saved 1 change to /media/usb/box.apkovl.tar.gz"]),
      (.saved(7, "/m/b"), ["info: saved 7 changes to /m/b"]),
      (
        .unsaved(1, why: "held by ann: a test"),
        ["warning: 1 change is not saved, and gone after a reboot: held by ann: a test"]
      ),
      (
        .unsaved(3, why: "LBUD_AUTO=no"), ["warning: 3 changes are not saved, and gone after a reboot: LBUD_AUTO=no"]
      ),
      (
        .failed(2, "/media/usb is full", hint: "lower BACKUP_LIMIT"),
        ["error: 2 changes are not saved: /media/usb is full", "error: lower BACKUP_LIMIT"]
      ),
      (
        .failed(0, "/media/usb is not there", hint: "plug it in"),
        ["warning: nothing is known to be unsaved, but /media/usb is not there", "warning: plug it in"]
      ),
    ] as [(Farewell.Ending, [String])])
  func endings(ending: Farewell.Ending, expected: [String]) {
    #expect(Self.lines(ending) == expected)
  }

  @Test func whatElseIsWrongFollowsAndNothingBreaksOutOfItsLine() {
    let problem = Problem(.degraded, subject: "/media/usb", "another\ninfo: all is well", remedy: "look")
    #expect(
      Self.lines(.nothing, [problem]) == [
        "info: all that was changed is saved", "warning: /media/usb: another info: all is well; look",
      ])
  }
}
