import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What comes back from a snapshot.
@Suite struct RestoreTests {
  private let box: RestoreBox

  init() throws { box = try RestoreBox() }

  @Test func allIsAsItWas() throws {
    box.fill()
    try box.commit()
    let before = box.picture()
    box.spoil()
    let spoilt = box.picture()
    let dry = try box.restore(dryRun: true)
    #expect(box.picture() == spoilt)
    let restored = try box.restore()
    #expect(box.picture() == before)
    #expect(dry.actions == restored.actions && dry.notes == restored.notes && restored.notes.isEmpty)
    #expect(
      box.lines(restored)
        == [
          "metadata etc/big", "metadata etc/d/e", "modified etc/d/e/suid", "modified etc/d/empty",
          "deleted etc/d/empty/inside",
          "modified etc/d/same", "modified etc/fifo", "added etc/link", "modified etc/motd", "deleted etc/new",
          "deleted etc/new/a", "deleted etc/new/a/b", "deleted etc/newlink",
        ].filter { $0 != "modified etc/d/same" })
    #expect(try box.root.status(BytePath("etc/d/e")).modificationTime == 1_000_000_000)
    #expect(try box.restore().actions.isEmpty)
    withExtendedLifetime(box.directory) {}
  }

  @Test func intoAnEmptyRoot() throws {
    box.fill()
    try box.commit()
    let before = box.picture()
    box.builder.remove("etc")
    let restored = try box.restore(RestoreRequest(paths: [.root]))
    #expect(box.picture() == before)
    #expect(restored.actions.allSatisfy { $0.kind == .added } && restored.actions.count > 10)
    #expect(try box.root.status(BytePath("etc/motd")).links == 2)
    withExtendedLifetime(box.directory) {}
  }

  @Test func onlyWhatIsAskedFor() throws {
    box.fill()
    try box.commit()
    box.spoil()
    #expect(try box.restore(["etc/link", "etc/motd"]) == ["added etc/link", "modified etc/motd"])
    #expect(try box.restore(["etc/d/e"]) == ["metadata etc/d/e", "modified etc/d/e/suid"])
    #expect(access(box.directory.path + "/etc/new/a/b", F_OK) == 0)
    // The directory is in the way: see to it first.
    let error = #expect(throws: StoreError.self) { try box.restore(["etc/d"]) }
    #expect(
      error?.description
        == "nothing is restored: /etc/d/empty is a directory that holds something, and no directory in the snapshot")
    #expect(
      try box.restore(["etc/new"], deletes: true) == ["deleted etc/new", "deleted etc/new/a", "deleted etc/new/a/b"])
    withExtendedLifetime(box.directory) {}
  }

  @Test func namesAreBytes() throws {
    let names: [[UInt8]] = [
      [0xff], Array("a\nb c".utf8), [UInt8](repeating: 0xfd, count: 255), Array("\u{1b}[31m".utf8), Array(" ".utf8),
    ]
    for name in names { box.builder.file(BytePath("etc/sub").appending(name), name) }
    try box.commit()
    let before = box.picture()
    box.builder.remove("etc/sub")
    for name in names { try box.restore(RestoreRequest(paths: [BytePath("etc/sub").appending(name)])) }
    #expect(box.picture() == before)
    for name in names { box.builder.file(BytePath("etc/sub").appending(name), [1]) }
    try box.restore(RestoreRequest(paths: [BytePath("etc/sub")]))
    #expect(box.picture() == before)
    withExtendedLifetime(box.directory) {}
  }

  @Test func theRulesComeBackToo() throws {
    let list = "etc/apk/protected_paths.d/lbu.list"
    box.builder.file(list, "-etc/cache\n")
    box.builder.file("etc/motd", "one")
    box.builder.file("root/kept", "since long")
    try box.commit()
    // From now on more is saved: that the snapshot has none of it says nothing.
    box.builder.file(list, "-etc/cache\n+root\n")
    box.builder.file("etc/cache/x", "excluded")
    box.builder.file("etc/new", "new")
    let restored = try box.restore()
    #expect(box.lines(restored) == ["modified " + list, "deleted etc/new"])
    #expect(
      restored.notes == [
        "root: the rules of the snapshot did not reach it; it stays",
        "root/kept: the rules of the snapshot did not reach it; it stays",
      ])
    #expect(try box.root.read(BytePath("root/kept"), limit: 100) == Array("since long".utf8))
    #expect(try box.root.read(BytePath("etc/cache/x"), limit: 100) == Array("excluded".utf8))
    #expect(try box.root.read(BytePath(list), limit: 100) == Array("-etc/cache\n".utf8))
    withExtendedLifetime(box.directory) {}
  }

  @Test func whatAPackageBroughtIsNotRemoved() throws {
    try box.commit()
    let digest = "Q1" + "qvTGHdzF6KLavt4PO0gs2a6pQ00="
    box.builder.file("lib/apk/db/installed", "P:tool\nF:etc\nR:tool.conf\nZ:\(digest)\nR:mode\nZ:\(digest)\n\n")
    // SHA-1 of "hello".
    box.builder.file("etc/tool.conf", "hello, changed")
    box.builder.file("etc/mode", "hello", mode: 0o600)
    let restored = try box.restore()
    #expect(
      restored.notes == [
        "etc/tool.conf: a package brought it, and the snapshot does not hold it; it stays as it is; "
          + "to have the package's own: apk fix tool"
      ])
    #expect(box.lines(restored).filter { $0.contains("mode") } == ["metadata etc/mode"])
    #expect(try box.root.status(BytePath("etc/mode")).mode == 0o644)
    #expect(try box.root.read(BytePath("etc/tool.conf"), limit: 100) == Array("hello, changed".utf8))
    withExtendedLifetime(box.directory) {}
  }

  @Test func leftoversOfAKilledOneGoAndAreNeverSaved() throws {
    box.builder.file("etc/motd", "one")
    try box.commit()
    box.builder.file("etc/motd", "two")
    box.builder.file("etc/.lbud-restore.0123abc", "torn")
    box.builder.file("etc/.lbud-restore.fff/sub/file", "torn")
    box.builder.file("etc/.lbud-restore.", "somebody's own")
    #expect(
      try box.selected().entries.map(\.path.display) == ["etc", "etc/.lbud-restore.", "etc/motd"])
    #expect(try box.restore(["etc/motd"]) == ["modified etc/motd"])
    let names = try box.root.openWithoutLinks(BytePath("etc")).names(path: BytePath("etc"))
    #expect(Set(names.map { displayText(of: $0) }) == [".lbud-restore.", "motd"])
    withExtendedLifetime(box.directory) {}
  }

  @Test func anotherBoxsSnapshot() throws {
    box.builder.file("etc/motd", "one")
    try box.commit(box.store(host: "other"))
    run([
      "cp", box.directory.path + "/media/usb/other.apkovl.tar.gz", box.directory.path + "/media/usb/box.apkovl.tar.gz",
    ])
    box.builder.file("etc/motd", "two")
    let error = #expect(throws: StoreError.self) { try box.restore() }
    #expect(
      error?.description
        == "nothing is restored: /media/usb/box.apkovl.tar.gz was made by the box other, and this is box")
    #expect(error?.hint == "if it is to be taken all the same: --foreign")
    #expect(try box.root.read(BytePath("etc/motd"), limit: 10) == Array("two".utf8))
    #expect(box.lines(try box.restore(foreign: true)) == ["modified etc/motd"])
    withExtendedLifetime(box.directory) {}
  }

  /// Made by lbu, it has no record, and only gzip's own checks.
  @Test func lbusOwnSnapshotsCountToo() throws {
    box.fill()
    let before = box.picture()
    run(["tar", "-C", box.directory.path, "-czf", box.directory.path + "/media/usb/box.apkovl.tar.gz", "etc"])
    box.spoil()
    try box.restore()
    #expect(box.picture() == before)
    withExtendedLifetime(box.directory) {}
  }
}
