import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What commits leave on the media where ENCRYPTION is set, and what a look makes of it.
@Suite(.onOwnThread) struct EncryptedStoreTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory
  private static let name = "box.apkovl.tar.gz.aes-256-cbc"

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("media/usb"))
    builder.directory(BytePath("etc"))
    root = try RootDirectory(path: directory.path)
  }

  private func store(
    _ cipher: String? = "aes-256-cbc", _ password: String? = "secret", limit: Int = 3, host: String = "box",
    mayLink: Bool = true
  ) throws -> SnapshotStore {
    var settings = Settings()
    settings.media = "usb"
    settings.encryption = cipher
    settings.password = password.map { Secret(Array($0.utf8)) }
    settings.backupLimit = limit
    var store = try SnapshotStore(root: root, settings: settings, host: host)
    store.mayLink = mayLink
    return store
  }

  @discardableResult
  private func commit(
    _ store: SnapshotStore, _ content: String, time: Int64 = 0, reason: String = "request",
    foreign: ForeignOverlays = .refuse
  ) throws -> CommittedSnapshot {
    builder.file("etc/motd", content)
    let facts = SnapshotFacts(host: "box", time: time, reason: reason, uid: 0, changedCount: 1)
    return try store.commit(
      CommitOrder(entries: [SelectedEntry(BytePath("etc/motd"), .file, .added)], facts: facts, foreign: foreign)
    ) { _ in }
  }

  private func look(_ store: SnapshotStore, known: SnapshotStore.Known? = nil) throws -> MediaLook {
    try store.look(known: known) { _ in }
  }

  private func names(_ path: String) throws -> Set<String> {
    let opened = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    return Set(try opened.names(path: BytePath(path)).map { displayText(of: $0) }).subtracting([SnapshotStore.stage])
  }

  /// What of etc/motd the boot loader would unpack.
  private func booted(_ name: String = name, _ password: String = "secret") -> String {
    let path = directory.path + "/media/usb/" + name
    let cipher = name.split(separator: ".").last.map(String.init) ?? ""
    let plain =
      cipher == "gz"
      ? "cat '\(path)'" : "openssl enc -d -\(cipher) -in '\(path)' -pass 'pass:\(password)' 2>/dev/null"
    return String(decoding: LbudTestSupport.run(["sh", "-c", plain + " | tar -xzO etc/motd"]).output, as: UTF8.self)
  }

  private func entries(_ look: MediaLook) -> SavedEntries? {
    if case .read(let index) = look.saved { return index?.entries }
    return nil
  }

  // MARK: Committing and looking

  @Test func anEncryptedSnapshotIsReadByTheBootLoaderAndByTheNextLook() throws {
    let committed = try commit(store(), "one")
    #expect(committed.name == Self.name)
    #expect(try names("media/usb") == ["LBUD", Self.name])
    #expect(try names("media/usb/LBUD").isEmpty)
    #expect(try root.status(BytePath("media/usb/" + Self.name)).mode == 0o600)
    #expect(booted() == "one")
    let look = try look(store())
    #expect(look.damage == nil && look.problems.isEmpty && look.own.isEmpty && look.foreign.isEmpty)
    #expect(entries(look) == committed.entries)
    #expect(look.savedName == Self.name)
    let content = try root.read(BytePath("media/usb/" + Self.name), limit: 1 << 20)
    #expect(content.starts(with: Seal.magic) && content.count <= committed.record.compressedSize + 65_536)
  }

  @Test(arguments: [true, false]) func theOnesBeforeKeepTheirSuffixAndCountLikePlainOnes(mayLink: Bool) throws {
    try commit(store(nil, nil, limit: 2, mayLink: mayLink), "plain 1")
    try commit(store(nil, nil, limit: 2, mayLink: mayLink), "plain 2")
    let first = try commit(store(limit: 2, mayLink: mayLink), "one")
    #expect(try names("media/usb") == ["LBUD", Self.name])
    #expect(first.retired.count == 1 && first.retired.allSatisfy { $0.hasSuffix(".tar.gz") })
    let second = try commit(store(limit: 2, mayLink: mayLink), "two")
    let former = try #require(second.former)
    #expect(former.hasSuffix(".tar.gz.aes-256-cbc"))
    #expect(booted("LBUD/" + former) == "one" && booted() == "two")
    // Of plain 1, plain 2 and one the first is gone.
    #expect(try names("media/usb/LBUD") == Set(first.retired + [former]))
    #expect(booted("LBUD/" + first.retired[0]) == "plain 2")
  }

  @Test func withAnotherCipherOrInTheClearThereIsOneBootableNameAndTheOtherIsKept() throws {
    try commit(store(), "one")
    let other = try store("aes-128-cbc")
    // What is saved under the other cipher counts as saved until then.
    #expect(entries(try look(other))?.count == 1)
    let second = try commit(other, "two", reason: "idle")
    #expect(second.retired.count == 1 && second.retired[0].hasSuffix(".tar.gz.aes-256-cbc"))
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz.aes-128-cbc"])
    let third = try commit(store(nil), "three")
    #expect(third.retired.count == 1 && third.retired[0].hasSuffix(".tar.gz.aes-128-cbc"))
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(booted("box.apkovl.tar.gz") == "three" && booted("LBUD/" + third.retired[0]) == "two")
  }

  @Test func whatTarAndOpensslHaveMadeIsRead() throws {
    builder.file("etc/motd", "lbu")
    let made = LbudTestSupport.run([
      "sh", "-c",
      "cd '\(directory.path)' && tar -cz etc/motd | openssl enc -aes-256-cbc -salt -pass pass:secret >media/usb/\(Self.name) 2>/dev/null",
    ])
    #expect(made.code == 0)
    let look = try look(store())
    #expect(look.damage == nil)
    #expect(entries(look)?.keys.map(\.display) == ["etc/motd"])
    // Nor is one without a record decrypted again.
    let size = try #require(look.savedSignature).size
    let known = SnapshotStore.Known(name: Self.name, size: size, record: nil, seal: look.savedSeal)
    guard case .known = try self.look(store(), known: known).saved else { return #expect(Bool(false), "read again") }
  }

  @Test func theSameOneIsNotDecryptedAgainUnlessThePasswordIsAnother() throws {
    let committed = try commit(store(), "one")
    let known = SnapshotStore.Known(
      name: committed.name, size: committed.size, record: committed.record, seal: committed.seal)
    // What cannot be decrypted any more is not noticed: it was not tried.
    let path = directory.path + "/media/usb/" + Self.name
    let raw = open(path, O_WRONLY)
    #expect(pwrite(raw, "xxxxxxxx", 8, 100) == 8)
    close(raw)
    for password in ["secret", nil] {
      guard case .known = try look(store("aes-256-cbc", password), known: known).saved else {
        return #expect(Bool(false), "it was decrypted")
      }
    }
    #expect(try look(store("aes-256-cbc", "other"), known: known).damage?.isDamage == true)
    #expect(try look(store()).damage != nil)
  }

  @Test func aSnapshotIsOpenedByNameInBothPlaces() throws {
    try commit(store(), "one")
    let former = try #require(try commit(store(), "two").former)
    for name in [Self.name, former, "LBUD/" + former] {
      let file = try store().openPlain(Array(name.utf8))
      #expect(try SnapshotStore.index(of: file, path: name).entries.count == 1)
    }
    let error = #expect(throws: FileError.self) { _ = try store().openPlain(Array("box.apkovl.tar.gz".utf8)) }
    #expect(error?.code == ENOENT)
  }

  @Test func asideOneIsEncryptedTooAndKnownForThat() throws {
    builder.file("media/usb/other.apkovl.tar.gz", "x")
    let committed = try commit(store(), "two", time: 2_000_000_000, reason: "idle", foreign: .saveAside)
    #expect(committed.name == "LBUD/box.20330518033320.tar.gz.aes-256-cbc")
    let look = try look(store())
    #expect(look.savedName == committed.name && entries(look) == committed.entries)
    #expect(booted(committed.name) == "two")
  }

  @Test func anEncryptedOneWithTheKeysOfTheBoxIsItsOwn() throws {
    builder.file("etc/ssh/ssh_host_rsa_key", "key")
    let facts = SnapshotFacts(host: "former", time: 0, reason: "request", uid: 0, changedCount: 1)
    let key = SelectedEntry(BytePath("etc/ssh/ssh_host_rsa_key"), .file, .added)
    _ = try store(host: "former").commit(CommitOrder(entries: [key], facts: facts)) { _ in }
    builder.remove("run/lbud/hosts")
    let name = "former.apkovl.tar.gz.aes-256-cbc"
    #expect(try look(store()).own == [name])
    #expect(try look(store("aes-256-cbc", "other")).foreign == [name])
    #expect(try look(store("aes-256-cbc", nil)).foreign == [name])
  }

  // MARK: What is wrong

  @Test(arguments: ["aes-256-cbc", "aria-256-ctr", "des-ede3-ofb"])
  func aWrongPasswordIsSaidAndTheNextCommitKeepsWhatWasThere(cipher: String) throws {
    let name = "box.apkovl.tar.gz." + cipher
    try commit(store(cipher), "one")
    let damage = try #require(try look(store(cipher, "wrong")).damage)
    #expect(
      damage.description.hasPrefix("/media/usb/\(name) cannot be decrypted with the PASSWORD of lbu.conf: "))
    #expect(
      damage.hint
        == "the next commit replaces it and keeps it under a dated name; if that is not wanted, set the PASSWORD that it has"
    )
    let committed = try commit(store(cipher, "wrong"), "two")
    #expect(booted("LBUD/" + (committed.former ?? "")) == "one" && booted(name, "wrong") == "two")
    #expect(try look(store(cipher, "wrong")).damage == nil)
  }

  @Test(arguments: ["", "garbage", "Salted__12345678", "Salted__1234567812345678"])
  func whatWasNeverEncryptedIsDamageToo(content: String) throws {
    builder.file("media/usb/" + Self.name, content)
    #expect(
      try look(store()).damage?.description.contains(" cannot be decrypted with the PASSWORD of lbu.conf: ") == true)
    #expect(try commit(store(), "one").former != nil)
    #expect(booted() == "one")
  }

  @Test func withoutAPasswordNothingIsReadOrWrittenAndWhatIsThereStays() throws {
    try commit(store(), "one")
    let before = try root.read(BytePath("media/usb/" + Self.name), limit: 1 << 20)
    let locked = try store("aes-256-cbc", nil)
    let look = try look(locked)
    #expect(entries(look) == nil && look.savedName == nil && look.damage == nil)
    let problem = try #require(look.problems.first)
    #expect(problem.severity == .blocking && problem.yieldsToRequest)
    #expect(
      problem.line
        == "/etc/lbu/lbu.conf: ENCRYPTION=aes-256-cbc is set and PASSWORD is not: nothing is saved by itself")
    #expect(
      problem.remedy
        == "set PASSWORD in /etc/lbu/lbu.conf (and: chmod 600 /etc/lbu/lbu.conf), or: lbu commit, which asks for it")
    let error = #expect(throws: StoreError.self) { try commit(locked, "two") }
    #expect(error?.isPasswordMissing == true)
    #expect(error?.description == "ENCRYPTION=aes-256-cbc is set and PASSWORD is not: nothing is saved")
    #expect(try root.read(BytePath("media/usb/" + Self.name), limit: 1 << 20) == before)
    #expect(try names("media/usb/LBUD").isEmpty)
  }

  @Test func whatWasSavedWithAPasswordThatWasAskedForIsKnown() throws {
    let locked = try store("aes-256-cbc", nil)
    let committed = try commit(locked.with(password: Secret(Array("asked".utf8))), "one")
    #expect(booted(Self.name, "asked") == "one")
    let known = SnapshotStore.Known(
      name: committed.name, size: committed.size, record: committed.record, seal: committed.seal)
    guard case .known = try look(locked, known: known).saved else { return #expect(Bool(false), "not known") }
  }

  @Test func aCipherThatOpensslDoesNotKnowWritesNothing() throws {
    let unknown = try store("rot13")
    for attempt in 0..<2 {
      let error = #expect(throws: StoreError.self) {
        if attempt == 0 { _ = try look(unknown) } else { try commit(unknown, "one") }
      }
      #expect(error?.description == "openssl knows no cipher rot13")
    }
    #expect(try names("media/usb").isEmpty)
  }

  @Test func anOwnOneWithACipherThatIsNotKnownAnyMoreIsInNobodysWay() throws {
    // Of a family that is known, and not in this openssl.
    builder.file("media/usb/box.apkovl.tar.gz.rc5", "Salted__12345678")
    #expect(try look(store()).savedName == nil)
    let committed = try commit(store(), "one", reason: "idle")
    #expect(committed.retired.count == 1 && committed.retired[0].hasSuffix(".tar.gz.rc5"))
    #expect(try names("media/usb") == ["LBUD", Self.name])
  }

  @Test func aPasswordOfTwoLinesWritesNothing() throws {
    let error = #expect(throws: StoreError.self) { try commit(store("aes-256-cbc", "two\nlines"), "one") }
    #expect(error?.description == "the password cannot be used: it has a line break or a NUL in it")
    #expect(error?.hint == "set one of a single line in /etc/lbu/lbu.conf, or: lbu commit -p")
    #expect(try names("media/usb").isEmpty)
  }

  @Test func aMediumThatIsFullIsToldInTheKernelsWords() throws {
    builder.directory(BytePath("small"))
    let path = directory.path + "/small"
    guard LbudTestSupport.run(["mount", "-t", "tmpfs", "-o", "size=96k", "none", path]).code == 0 else { return }
    defer { _ = LbudTestSupport.run(["umount", "-l", path]) }
    var settings = Settings()
    settings.backupDirectory = "/small"
    settings.encryption = "aes-256-cbc"
    settings.password = Secret(Array("secret".utf8))
    let store = try SnapshotStore(root: root, settings: settings, host: "box")
    try commit(store, "one")
    let before = try names("small/LBUD")
    // By its bound it would fit.
    var noise = SystemRandomNumberGenerator()
    builder.file(BytePath("etc/large"), (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &noise) })
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    let order = CommitOrder(entries: [SelectedEntry(BytePath("etc/large"), .file, .added)], facts: facts)
    let error = #expect(throws: StoreError.self) { try store.commit(order) { _ in } }
    #expect(error?.description.hasPrefix("cannot write /small/LBUD/NEW.") == true)
    #expect(error?.description.hasSuffix(": no space left on device") == true)
    #expect(error?.hint.hasPrefix("/small is full: ") == true)
    #expect(try names("small/LBUD") == before)
    #expect(entries(try look(store))?.keys.map(\.display) == ["etc/motd"])
  }

  @Test(arguments: ["idle", "delay", "shutdown", "apk", "signal"])
  func whatWasEncryptedIsNotSavedInTheClearByItself(reason: String) throws {
    try commit(store(), "one")
    let plain = try store(nil, nil)
    let look = try look(plain)
    #expect(
      look.problems.map(\.line) == [
        "/media/usb: \(Self.name) is encrypted and ENCRYPTION is not set: nothing is saved in the clear by itself"
      ])
    #expect(look.problems.allSatisfy { $0.severity == .blocking && $0.yieldsToRequest })
    let error = #expect(throws: StoreError.self) { try commit(plain, "two", reason: reason) }
    #expect(
      error?.description
        == "\(Self.name) is encrypted and ENCRYPTION is not set: nothing is saved in the clear by itself")
    #expect(try names("media/usb") == ["LBUD", Self.name])
    try commit(plain, "three")
    #expect(try names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try self.look(plain).problems.isEmpty)
    // From now on it is as a person has said.
    try commit(plain, "four", reason: reason)
  }

  @Test func aTornFileOfThisBoxIsNoEncryptedOne() throws {
    builder.file("media/usb/box.apkovl.tar.gz.new", "torn")
    let plain = try store(nil, nil)
    #expect(try look(plain).problems.isEmpty)
    try commit(plain, "one", reason: "idle")
  }
}
