import LbudCore
import Testing

@testable import LbudSystem

/// What is written down of a mount that is changed for a commit, for an lbud that is started after a crash.
@Suite struct MountChangeTests {
  @Test(arguments: [
    MountChange.Undo.unmount, .setReadOnly(mount: true, superblock: true), .setReadOnly(mount: true, superblock: false),
    .setReadOnly(mount: false, superblock: true),
  ])
  func whatIsWrittenIsReadAgain(undo: MountChange.Undo) {
    let change = MountChange(
      undo: undo, point: Array("/media/a \u{fc}\n b".utf8) + [0xff], deviceMajor: 8, deviceMinor: 17)
    #expect(MountChange(change.encoded) == change)
  }

  @Test(arguments: [
    "", "unmount", "unmount 8:1", "unmount 8: /x", "unmount x:1 /x", "other 8:1 /x", "both 8:1:2 /x", "  ",
  ])
  func whatACrashLeftOfItIsNone(text: String) {
    #expect(MountChange(Array(text.utf8)) == nil)
  }

  @Test func onlyTheMountThatItWasDoneToIsPutBack() {
    let table = MountTable(parsing: Array("36 25 8:1 / /media/usb rw - vfat /dev/sda1 rw\n".utf8))
    func change(_ undo: MountChange.Undo, _ point: String, _ major: UInt32, _ minor: UInt32) -> Mount? {
      MountChange(undo: undo, point: Array(point.utf8), deviceMajor: major, deviceMinor: minor).target(in: table)
    }
    #expect(change(.unmount, "/media/usb", 8, 1) != nil)
    #expect(change(.unmount, "/media/usb", 8, 2) == nil)
    #expect(change(.unmount, "/media/other", 8, 1) == nil)
    // The device was not known yet.
    #expect(change(.unmount, "/media/usb", 0, 0) != nil)
    #expect(change(.setReadOnly(mount: true, superblock: true), "/media/usb", 0, 0) == nil)
  }
}
