import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What a commit leaves on the media.
@Suite struct StoreTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("media/usb"))
    builder.directory(BytePath("etc"))
    root = try RootDirectory(path: directory.path)
  }

  private func store(limit: Int = 3, mayLink: Bool = true) throws -> SnapshotStore {
    var settings = Settings()
    settings.media = "usb"
    settings.backupLimit = limit
    var store = try SnapshotStore(root: root, settings: settings, host: "box")
    store.mayLink = mayLink
    return store
  }

  @discardableResult
  private func commit(
    _ store: SnapshotStore, _ content: String, time: Int64 = 0, foreign: ForeignOverlays = .refuse
  ) throws -> CommittedSnapshot {
    builder.file("etc/motd", content)
    let facts = SnapshotFacts(host: "box", time: time, reason: "request", uid: 0, changedCount: 1)
    return try store.commit(
      CommitOrder(entries: [SelectedEntry(BytePath("etc/motd"), .file, .added)], facts: facts, foreign: foreign)
    ) { _ in }
  }

  private func names(_ path: String) throws -> Set<String> {
    let opened = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    // Where the first snapshot was made stays.
    return Set(try opened.names(path: BytePath(path)).map { displayText(of: $0) }).subtracting([SnapshotStore.stage])
  }

  /// What the current snapshot holds.
  private func current(_ store: SnapshotStore) throws -> SnapshotIndex? {
    let look = try store.look(known: nil) { _ in }
    if let damage = look.damage { throw damage }
    guard case .read(let index) = look.saved, look.savedName == store.currentName else { return nil }
    return index
  }

  private func digest(_ index: SnapshotIndex?) -> Fingerprint.Content? {
    index?.entries[BytePath("etc/motd")]?.content
  }

  @Test func theFirstSnapshotIsTheOnlyNameTheBootLoaderTakes() throws {
    let committed = try commit(store(), "one")
    #expect(committed.former == nil)
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try names("media/usb/LBUD").isEmpty)
    let index = try current(store())
    #expect(index?.entries == committed.entries)
    #expect(index?.record == committed.record)
    #expect(try store().glance().current == committed.signature)
    #expect(try root.status(BytePath("media/usb/box.apkovl.tar.gz")).mode == 0o600)
    #expect(try root.status(BytePath("media/usb/LBUD")).mode == 0o700)
  }

  @Test(arguments: [true, false]) func theOldSnapshotGetsADatedName(mayLink: Bool) throws {
    let first = try commit(store(mayLink: mayLink), "one")
    let second = try commit(store(mayLink: mayLink), "two")
    let former = try #require(second.former)
    #expect(SnapshotName.parseDated(Array(former.utf8))?.host == Array("box".utf8))
    #expect(try names("media/usb/LBUD") == [former])
    let old = try root.open(Array("media/usb/LBUD/\(former)".utf8), O_RDONLY)
    #expect(try SnapshotStore.index(of: old, path: former).entries == first.entries)
    #expect(try digest(current(store())) == second.entries[BytePath("etc/motd")]?.content)
    // The date is that of the old file, however it was kept.
    #expect(
      try SnapshotName.dated(host: "box", time: old.status(path: former).modificationTime) == former)
  }

  @Test func twoCommitsWithinASecondKeepBoth() throws {
    for number in 0..<4 { try commit(store(limit: 10), "\(number)") }
    #expect(try names("media/usb/LBUD").count == 3)
  }

  @Test(arguments: [0, 1, 2]) func noMoreOldSnapshotsStayThanTheLimit(limit: Int) throws {
    for number in 0..<5 { try commit(store(limit: limit), "\(number)") }
    #expect(try names("media/usb/LBUD").count == limit)
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
  }

  @Test func lbusOldSnapshotsCountAndOtherBoxesDoNot() throws {
    for name in ["box.20200101000000.tar.gz", "box.20210101000000.tar.gz", "other.20200101000000.tar.gz", "notes.txt"] {
      builder.file("media/usb/" + name, "x")
    }
    let committed = try commit(store(limit: 1), "one")
    #expect(committed.dropped == ["box.20200101000000.tar.gz"])
    #expect(
      try names("media/usb") == [
        "LBUD", "box.apkovl.tar.gz", "box.20210101000000.tar.gz", "other.20200101000000.tar.gz", "notes.txt",
      ])
  }

  @Test(arguments: [true, false]) func whatIsCalledAsTheBoxIsButForTheSuffixGetsADatedName(mayLink: Bool) throws {
    try commit(store(mayLink: mayLink), "one")
    for suffix in [".new", ".aes-256-cbc"] { builder.file("media/usb/box.apkovl.tar.gz" + suffix, "x" + suffix) }
    let committed = try commit(store(mayLink: mayLink), "two")
    #expect(committed.retired.count == 2)
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try names("media/usb/LBUD").count == 3)
    for name in committed.retired {
      let suffix = try #require(name.split(separator: ".").last)
      #expect(try root.read(BytePath("media/usb/LBUD/" + name), limit: 100) == Array("x.\(suffix)".utf8))
    }
  }

  @Test func whatHoldsTheKeysOfTheBoxIsItsOwn() throws {
    // Saved under another name by a box with this one's files.
    builder.file("etc/ssh/ssh_host_rsa_key", "secret")
    var settings = Settings()
    settings.media = "usb"
    let other = try SnapshotStore(root: root, settings: settings, host: "former")
    let key = SelectedEntry(BytePath("etc/ssh/ssh_host_rsa_key"), .file, .added)
    let facts = SnapshotFacts(host: "former", time: 0, reason: "request", uid: 0, changedCount: 1)
    _ = try other.commit(CommitOrder(entries: [key], facts: facts)) { _ in }
    // Not because it is remembered.
    builder.remove("run/lbud/hosts")
    #expect(try store().look(known: nil) { _ in }.own == ["former.apkovl.tar.gz"])
    // A name that is no text, and is no dated one with its tilde.
    let strange = Array("media/usb/".utf8) + [0xff] + Array(".apkovl.tar.gz~".utf8)
    #expect(
      rename(directory.path + "/media/usb/former.apkovl.tar.gz", cString(Array((directory.path + "/").utf8) + strange))
        == 0)
    #expect(try store().look(known: nil) { _ in }.foreign.count == 1)
    #expect(
      rename(cString(Array((directory.path + "/").utf8) + strange), directory.path + "/media/usb/former.apkovl.tar.gz")
        == 0)
    builder.file("etc/ssh/ssh_host_rsa_key", "another")
    #expect(try store().look(known: nil) { _ in }.foreign == ["former.apkovl.tar.gz"])
  }

  @Test(arguments: ["x", ""]) func aForeignOverlayIsRefusedAndNamed(content: String) throws {
    builder.file("media/usb/other.apkovl.tar.gz", content)
    let error = #expect(throws: StoreError.self) { try commit(store(), "one") }
    #expect(
      error?.description == "/media/usb holds other overlays that the boot loader could take: other.apkovl.tar.gz")
    #expect(error?.hint == "lbuctl commit -d removes them, once this box's own snapshot is safe")
    #expect(try names("media/usb") == ["other.apkovl.tar.gz"])
  }

  @Test func aForeignOverlayIsRemovedWhereThatIsAskedFor() throws {
    builder.file("media/usb/other.apkovl.tar.gz", "x")
    let committed = try commit(store(), "one", foreign: .remove)
    #expect(committed.removed == ["other.apkovl.tar.gz"])
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
  }

  @Test func besideAForeignOverlayItIsSavedAsOneOfTheOldOnes() throws {
    try commit(store(), "one")
    builder.file("media/usb/other.apkovl.tar.gz", "x")
    let committed = try commit(store(limit: 0), "two", time: 2_000_000_000, foreign: .saveAside)
    #expect(committed.name == "LBUD/box.20330518033320.tar.gz")
    #expect(committed.record.facts.isAside)
    #expect(try digest(current(store())) != committed.entries[BytePath("etc/motd")]?.content)
    let look = try store().look(known: nil) { _ in }
    #expect(look.savedName == committed.name)
    guard case .read(let index) = look.saved else { return #expect(Bool(false), "not read") }
    #expect(index?.entries == committed.entries)
    // The next one does not take its name.
    let next = try commit(store(), "three", time: 2_000_000_000, foreign: .saveAside)
    #expect(next.name == "LBUD/box.20330518033321.tar.gz")
  }

  @Test func theSameSnapshotIsNotReadAgain() throws {
    let committed = try commit(store(), "one")
    let known = SnapshotStore.Known(name: committed.name, size: committed.size, record: committed.record)
    guard case .known = try store().look(known: known, say: { _ in }).saved else {
      return #expect(Bool(false), "it was read")
    }
    try commit(store(), "two")
    guard case .read = try store().look(known: known, say: { _ in }).saved else {
      return #expect(Bool(false), "another one was not read")
    }
  }

  @Test func oneWithoutARecordIsNotReadAgainWhileTheFileIsTheSame() throws {
    try commit(store(), "one")
    let look = try store().look(known: nil) { _ in }
    let signature = try #require(look.savedSignature)
    #expect(!look.isSavedSettled, "somebody could write to it within the same time of vfat")
    let known = SnapshotStore.Known(
      name: "box.apkovl.tar.gz", size: signature.size, record: nil, signature: signature)
    guard case .known = try store().look(known: known, say: { _ in }).saved else {
      return #expect(Bool(false), "it was read")
    }
    // The same bytes, with another time.
    let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, directory.path + "/media/usb/box.apkovl.tar.gz", times, 0) == 0)
    guard case .read = try store().look(known: known, say: { _ in }).saved else {
      return #expect(Bool(false), "another one was not read")
    }
  }

  @Test func aFailureLeavesTheOldSnapshotAndNoTemporaryFile() throws {
    let first = try commit(store(), "one")
    builder.symlink(BytePath("etc/gone"), to: Array("x".utf8))
    // A name no archive can hold makes the building fail half-way.
    let bad = SelectedEntry(BytePath(bytes: Array("etc/\0bad".utf8)), .symlink, .added)
    builder.file("etc/motd", "two")
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    let entries = [SelectedEntry(BytePath("etc/motd"), .file, .added), bad]
    _ = try? store().commit(CommitOrder(entries: entries, facts: facts)) { _ in }
    #expect(try names("media/usb/LBUD").allSatisfy { !$0.hasPrefix("NEW.") })
    #expect(try current(store())?.entries[BytePath("etc/motd")] != nil)
    #expect(first.entries.count == 1)
  }

  @Test func somethingElseUnderTheNameIsNotReplaced() throws {
    builder.directory(BytePath("media/usb/box.apkovl.tar.gz"))
    let error = #expect(throws: StoreError.self) { try commit(store(), "one") }
    #expect(error?.description == "/media/usb/box.apkovl.tar.gz is no regular file")
    #expect(error?.hint == "move it away, then: lbuctl commit")
    #expect(try names("media/usb/LBUD").isEmpty)
  }

  @Test(arguments: [
    ("not a gzip at all", "box.apkovl.tar.gz"), ("", "box.apkovl.tar.gz"),
  ])
  func aSnapshotThatIsNoneIsNamed(content: String, name: String) throws {
    builder.file("media/usb/" + name, content)
    let error = #expect(throws: StoreError.self) { try current(store()) }
    #expect(error?.description.hasPrefix("/media/usb/box.apkovl.tar.gz is no whole snapshot: ") ?? false)
    // The next commit keeps it, and replaces it.
    let committed = try commit(store(), "one")
    #expect(committed.former != nil)
    #expect(try current(store())?.entries.count == 1)
  }

  @Test func whatAKilledCommitLeftIsRemoved() throws {
    try commit(store(), "one")
    builder.file("media/usb/LBUD/NEW.AAA", "half of a snapsh")
    #expect(try store().recover().isEmpty)
    #expect(try names("media/usb/LBUD").isEmpty)
    builder.file("media/usb/LBUD/NEW.BBB", "half of a snapsh")
    try commit(store(), "two")
    #expect(try names("media/usb/LBUD").allSatisfy { !$0.hasPrefix("NEW.") })
    #expect(try current(store()) != nil)
  }

  @Test func nothingIsRemovedWhileSomebodyWrites() throws {
    let publisher = try Publisher.open(store()) { _ in }
    builder.file("media/usb/LBUD/NEW.AAA", "being written")
    #expect(try store().recover().isEmpty)
    #expect(try names("media/usb/LBUD") == ["NEW.AAA"])
    withExtendedLifetime(publisher) {}
  }

  @Test func twoWritersAreKeptApart() throws {
    let store = try store()
    let first = try Publisher.open(store) { _ in }
    let error = #expect(throws: StoreError.self) { try Publisher.open(store) { _ in } }
    #expect(error?.description == "/media/usb is being written to by another lbud")
    withExtendedLifetime(first) {}
  }

  @Test func aMissingMediaIsSaidSo() throws {
    builder.remove("media/usb")
    let error = #expect(throws: StoreError.self) { try current(store()) }
    #expect(error?.description == "/media/usb is not there: no such file or directory")
    #expect(error?.isAbsence == true)
  }

  @Test func settingsThatNameNoPlace() throws {
    let error = #expect(throws: StoreError.self) { try SnapshotStore(root: root, settings: Settings(), host: "box") }
    #expect(
      error?.description == "no media is configured: neither LBU_MEDIA nor LBU_BACKUPDIR is set in etc/lbu/lbu.conf")
  }

  @Test(arguments: ["a/b", ".aes", "-d", " ", "aes.gz", "agz", "a\nb", "\u{e4}"])
  func aCipherThatNoSuffixCanNameIsRefusedAndNotIgnored(cipher: String) throws {
    var settings = Settings()
    settings.media = "usb"
    settings.encryption = cipher
    let error = #expect(throws: StoreError.self) { try SnapshotStore(root: root, settings: settings, host: "box") }
    #expect(error?.description.hasPrefix("ENCRYPTION='\(displayText(of: cipher.utf8))' is no cipher: ") == true)
    #expect(error?.hint == "set one of: openssl list -cipher-commands")
  }
}
