import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What a revert refuses, and what is there after one that failed.
@Suite struct RevertTroubleTests {
  private let box: RevertBox

  init() throws { box = try RevertBox() }

  // MARK: What is refused

  @Test(arguments: [0, 1, 2]) func aDamagedOneIsRefused(kind: Int) throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    let before = try box.bytes("box.apkovl.tar.gz")
    var content = try box.bytes("LBUD/" + old)
    switch kind {
    case 0: content = []
    case 1: content = Array(content.dropLast(content.count / 2))
    default: content[content.count / 3] ^= 0x55
    }
    box.builder.file(BytePath("media/usb/LBUD/" + old), content)
    let error = #expect(throws: StoreError.self) { try box.revert(old) }
    #expect(error?.description.hasPrefix("/media/usb/LBUD/\(old) is no whole snapshot: ") ?? false)
    #expect(error?.description.hasSuffix("; the current one is untouched") ?? false)
    #expect(
      error?.hint == "it would not boot as it was saved; lbuctl log shows which there are")
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == [old])
  }

  @Test(arguments: [
    ("nothing", "file not found: /media/usb/nothing"), ("", "file not found: /media/usb/"),
    ("LBUD/", "file not found: /media/usb/LBUD/"), ("LBUD/x", "file not found: /media/usb/LBUD/x"),
    ("../usb/" + RevertBox.dated, "file not found: /media/usb/../usb/" + RevertBox.dated),
    ("LBUD/../" + RevertBox.dated, "file not found: /media/usb/LBUD/../" + RevertBox.dated),
    ("/media/usb/" + RevertBox.dated, "file not found: /media/usb//media/usb/" + RevertBox.dated),
    (RevertBox.dated + "\0", "file not found: /media/usb/\(RevertBox.dated)\\x00"),
    ("a\nb", "file not found: /media/usb/a\\nb"),
    (String(repeating: "x", count: 300), "file not found: /media/usb/" + String(repeating: "x", count: 300)),
    ("dir.20200102030405.tar.gz", "/media/usb/dir.20200102030405.tar.gz is a directory"),
    (".", "/media/usb/. is a directory"), ("LBUD", "/media/usb/LBUD is a directory"),
    ("link.20200102030405.tar.gz", "/media/usb/link.20200102030405.tar.gz is a symlink"),
    ("fifo.20200102030405.tar.gz", "/media/usb/fifo.20200102030405.tar.gz is no regular file"),
    (
      "box.apkovl.tar.gz",
      "/media/usb/box.apkovl.tar.gz is no old snapshot: the boot loader takes it as it is"
    ),
    ("notes.txt", "/media/usb/notes.txt is no old snapshot: its name holds no date"),
    ("LBUD/NEW.XYZ", "/media/usb/LBUD/NEW.XYZ is no old snapshot: its name holds no date"),
  ])
  func whatIsNoOldSnapshotIsRefused(name: String, description: String) throws {
    try box.commit(box.store(), "one")
    let before = try box.bytes("box.apkovl.tar.gz")
    box.builder.file("media/usb/" + RevertBox.dated, "x")
    box.builder.file("media/usb/notes.txt", "x")
    box.builder.file("media/usb/LBUD/NEW.XYZ", "x")
    box.builder.directory(BytePath("media/usb/dir.20200102030405.tar.gz"))
    box.builder.symlink(BytePath("media/usb/link.20200102030405.tar.gz"), to: Array(RevertBox.dated.utf8))
    box.builder.fifo(BytePath("media/usb/fifo.20200102030405.tar.gz"))
    let error = #expect(throws: StoreError.self) { try box.revert(name) }
    #expect(error?.description == description)
    #expect(error?.hint == "lbuctl log shows which there are")
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == ["NEW.XYZ"])
  }

  @Test func besideAnotherBoxesOverlayNothingIsReverted() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.builder.file("media/usb/stranger.apkovl.tar.gz", "x")
    let before = try box.bytes("box.apkovl.tar.gz")
    let error = #expect(throws: StoreError.self) { try box.revert(old) }
    #expect(
      error?.description
        == "/media/usb holds other overlays that the boot loader could take: stranger.apkovl.tar.gz")
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == [old])
  }

  @Test func somethingElseInTheCurrentOnesPlaceIsNotReplaced() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.builder.remove("media/usb/box.apkovl.tar.gz")
    box.builder.directory(BytePath("media/usb/box.apkovl.tar.gz"))
    let error = #expect(throws: StoreError.self) { try box.revert(old) }
    #expect(error?.description == "/media/usb/box.apkovl.tar.gz is no regular file")
    #expect(try box.names("media/usb/LBUD") == [old])
  }

  @Test func anotherWriterIsNotDisturbed() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    let publisher = try Publisher.open(box.store()) { _ in }
    let error = #expect(throws: StoreError.self) { try box.revert(old) }
    #expect(error?.description == "/media/usb is being written to by another lbud")
    withExtendedLifetime(publisher) {}
  }

  // MARK: When it fails

  @Test(.enabled(if: geteuid() == 0, "needs root to mount"), arguments: [true, false])
  func onAFullMediumNothingIsLost(mayLink: Bool) throws {
    let media = box.directory.path + "/media/usb"
    try #require(run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", media]).code == 0)
    defer { run(["umount", "-l", media]) }
    var settings = Settings()
    // As a directory: on a tmpfs lbud saves nothing otherwise.
    settings.backupDirectory = "/media/usb"
    settings.backupLimit = 1
    var store = try SnapshotStore(root: box.root, settings: settings, host: "box")
    store.mayLink = mayLink
    try box.commit(store, "one")
    let old = try #require(try box.commit(store, "two").former)
    let before = try box.bytes("box.apkovl.tar.gz")
    let inFolder = try box.names("media/usb/LBUD")
    run(["sh", "-c", "cat /dev/zero > \(media)/fill 2>/dev/null"])
    let error = #expect(throws: StoreError.self) { try box.revert(old, store) }
    #expect(error?.description.hasPrefix("/media/usb is full: the snapshot needs ") ?? false)
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == inFolder)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func onAReadOnlyMediumItIsSaidSo() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    var settings = Settings()
    settings.backupDirectory = "/media/usb"
    let media = box.directory.path + "/media/usb"
    try #require(run(["mount", "--bind", media, media]).code == 0)
    defer { run(["umount", "-l", media]) }
    try #require(run(["mount", "-o", "remount,bind,ro", media]).code == 0)
    let store = try SnapshotStore(root: box.root, settings: settings, host: "box")
    let error = #expect(throws: StoreError.self) { try box.revert(old, store) }
    #expect(error?.description.hasSuffix(": read-only file system") ?? false)
    #expect(error?.hint.hasPrefix("/media/usb is read-only: mount -o remount,rw /media/usb") ?? false)
    #expect(try store.olds { _ in }.map { displayText(of: $0.name) } == [old])
  }
}
