import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What the doctor finds on the media, and in the root.
@Suite struct ExaminationTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory
  private static let host = "etc/hostname"

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("media"))
    builder.file("etc/hostname", "box\n")
    root = try RootDirectory(path: directory.path)
  }

  private func store(cipher: String? = nil, password: String? = nil) throws -> SnapshotStore {
    var settings = Settings()
    settings.backupDirectory = "/media"
    settings.encryption = cipher
    settings.password = password.map { Secret(Array($0.utf8)) }
    return try SnapshotStore(root: root, settings: settings, host: "box")
  }

  private func commit(time: Int64 = 1_000) throws {
    let facts = SnapshotFacts(host: "box", time: time, reason: "request", uid: 0, changedCount: 1)
    _ = try store().commit(
      CommitOrder(entries: [SelectedEntry(BytePath(Self.host), .file, .added)], facts: facts, foreign: .saveAside)
    ) { _ in }
  }

  private func examine(_ store: SnapshotStore? = nil) throws -> MediaExamination {
    try (store ?? self.store()).examine(
      files: [BytePath(Self.host), BytePath("etc/fstab")], bound: 5000, parameter: nil
    ) { _ in }
  }

  private func damage(_ examination: MediaExamination) -> String? {
    if case .damaged(let text, _) = examination.saved { return text }
    return nil
  }

  @Test func readsWhatBoots() throws {
    try commit()
    let found = try examine()
    #expect(
      found.overlays
        == [BootOverlay(place: "/media", name: Array("box.apkovl.tar.gz".utf8), owner: .current, isOnMedia: true)])
    #expect(found.saved == .whole(path: "/media/box.apkovl.tar.gz", entries: 1))
    #expect(found.entries?.keys.map(\.display) == [Self.host])
    #expect(found.files == [BytePath(Self.host): Array("box\n".utf8)])
    #expect(found.facts.position == .unknown)
    #expect(found.newest?.time == 1_000)
    #expect(found.space.hasCurrent && found.space.snapshot < 5000)
  }

  @Test func findsNothingWhereThereIsNothing() throws {
    let found = try examine()
    #expect(found.overlays == [])
    #expect(found.saved == .none)
    #expect(found.entries == nil)
    #expect(found.newest == nil)
    #expect(!found.space.hasCurrent && found.space.snapshot == 5000)
  }

  @Test func readsItAnewThoughItsRecordIsWhole() throws {
    try commit()
    let path = directory.path + "/media/box.apkovl.tar.gz"
    let file = open(path, O_WRONLY)
    #expect(pwrite(file, "XXXXXXXX", 8, 40) == 8)
    close(file)
    let found = try examine()
    #expect(damage(found)?.hasPrefix("/media/box.apkovl.tar.gz is no whole snapshot: ") ?? false)
    #expect(found.entries == nil)
  }

  @Test func saysWhatIsNoFile() throws {
    builder.directory(BytePath("media/box.apkovl.tar.gz"))
    #expect(damage(try examine()) == "/media/box.apkovl.tar.gz is a directory")
    #expect(rmdir(directory.path + "/media/box.apkovl.tar.gz") == 0)
    #expect(symlink("/etc/passwd", directory.path + "/media/box.apkovl.tar.gz") == 0)
    #expect(damage(try examine()) == "/media/box.apkovl.tar.gz is a symlink")
  }

  @Test func tellsThisBoxsFromOthersAndReadsThisBoxs() throws {
    try commit()
    let other: [UInt8] = [0xff, 0x0a] + Array(".apkovl.tar.gz.bak".utf8)
    builder.file(BytePath("media").appending(other), Array("no archive".utf8))
    builder.file("media/box.apkovl.tar.gz.new", "torn")
    let found = try examine()
    #expect(found.overlays.map(\.owner) == [.current, .own, .other])
    #expect(found.overlays.map(\.name).last == other)
    #expect(found.savedName == Array("box.apkovl.tar.gz".utf8))
    #expect(damage(found) == nil)
  }

  @Test func readsTheOnlyOneWhoeverItIsOf() throws {
    builder.file("media/other.apkovl.tar.gz", "no archive")
    let found = try examine()
    #expect(found.overlays.map(\.owner) == [.other])
    #expect(damage(found) == "/media/other.apkovl.tar.gz is no whole snapshot: not a gzip file")
  }

  @Test func countsThisBoxsOldOnes() throws {
    try commit()
    builder.directory(BytePath("media/LBUD"))
    builder.file("media/LBUD/box.20200101000000.tar.gz", "12345")
    builder.file("media/box.20190101000000.tar.gz.aes-256-cbc", "1")
    builder.file("media/LBUD/box.20991231235958.tar.gz", "123")
    builder.file("media/LBUD/box.99999999999999.tar.gz", "12")
    builder.file("media/LBUD/other.20300101000000.tar.gz", "1234567")
    let found = try examine()
    #expect(found.space.olds == [1, 5, 3, 2])
    // That is no date.
    #expect(found.newest?.time == 1_000)
    #expect(unlink(directory.path + "/media/LBUD/box.99999999999999.tar.gz") == 0)
    let again = try examine()
    #expect(again.newest?.name == "/media/LBUD/box.20991231235958.tar.gz")
    #expect(again.newest?.time == 4_102_444_798)
  }

  @Test func doesNotAskForAPassword() throws {
    builder.file("media/box.apkovl.tar.gz.aes-256-cbc", "Salted__12345678")
    let found = try examine(store(cipher: "aes-256-cbc"))
    #expect(found.saved == .sealed(path: "/media/box.apkovl.tar.gz.aes-256-cbc"))
    #expect(found.entries == nil)
  }

  // MARK: The root

  @Test func looksAtTheRoot() {
    let bare = RootExamination(root: root)
    #expect(bare.parameter == nil && bare.runlevels == nil && !bare.hasScript)
    #expect(bare.name == Array("box".utf8))
    builder.file("proc/cmdline", "quiet apkovl=sda1:/x\n")
    for level in ["boot", "default", "a b"] { builder.directory(BytePath("etc/runlevels/\(level)")) }
    builder.file("etc/runlevels/file", "")
    builder.file("etc/init.d/lbud", "")
    #expect(symlink("/etc/init.d/lbud", directory.path + "/etc/runlevels/boot/lbud") == 0)
    // It counts though it leads nowhere: OpenRC has it in that runlevel.
    #expect(symlink("/nowhere", directory.path + "/etc/runlevels/a b/lbud") == 0)
    let full = RootExamination(root: root)
    #expect(full.parameter?.text == Array("sda1:/x".utf8))
    #expect(full.runlevels == ["a b", "boot"].map { Array($0.utf8) })
    #expect(full.hasScript)
  }

  @Test func findsTheRunlevelsOfASnapshot() {
    let link = Fingerprint(content: .symlink(target: []), mode: 0o777, uid: 0, gid: 0)
    let entries = ["etc/runlevels/boot/lbud", "etc/runlevels/lbud", "etc/runlevels/a/b/lbud", "etc/runlevels/x/other"]
    #expect(
      RootExamination.runlevels(
        in: SavedEntries(Dictionary(uniqueKeysWithValues: entries.map { (BytePath($0), link) })))
        == [Array("boot".utf8)])
  }

  @Test func noDeviceIsLookedAtForAnotherRoot() {
    let plan = LoaderProbe.plan(root: root, without: nil)
    #expect(plan.reach == .anotherRoot)
    #expect(plan.devices.isEmpty)
  }
}
