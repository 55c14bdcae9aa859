import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Which snapshot a revert means, and what it must be to be made the current one.
@Suite(.onOwnThread) struct RevertDemandsTests {
  private let box: RevertBox

  init() throws { box = try RevertBox() }

  // MARK: Which

  @Test func theOneThatBootsIsNoneToGoBackTo() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    let store = try box.store()
    let current = try store.revertTarget(.back(0)) { _ in }
    #expect(current.boots && current.name == Array("box.apkovl.tar.gz".utf8))
    #expect(try store.revertTarget(.asOf(.max)) { _ in } == current)
    let target = try store.revertTarget(.back(1)) { _ in }
    // Its record says the year 1970, its name the date of its file.
    #expect(!target.boots && target.name == Array("LBUD/\(old)".utf8))
    #expect(target.words == "the snapshot of 1970-01-01 00:00:00 UTC")
    #expect(throws: StoreError.self) { try store.revertTarget(.back(2)) { _ in } }
  }

  @Test func underAnotherCipherTheOneThatBootsIsItStill() throws {
    try box.commit(box.store(), "one")
    let store = try box.store(encryption: "aes-256-cbc", password: "secret")
    #expect(try store.revertTarget(.back(0)) { _ in }.boots)
    box.builder.file("media/usb/box.apkovl.tar.gz.bak", "x")
    let error = #expect(throws: StoreError.self) { try store.revertTarget(.back(0)) { _ in } }
    #expect(error?.description.hasSuffix(" is no old snapshot: the boot loader takes it as it is") ?? false)
  }

  @Test(arguments: [
    ("LBUD/box.20261127142013.tar.gz", "the snapshot of 2026-11-27 14:20:13 UTC"),
    ("box.20261127142013.tar.gz.aes-256-cbc", "the snapshot of 2026-11-27 14:20:13 UTC"),
    ("box.20260231000000.tar.gz", "the snapshot that was box.20260231000000.tar.gz"),
    ("a\nb", "the snapshot that was a\\nb"), ("", "the snapshot that was "),
  ]) func whatIsNamedIsCalledByItsTime(name: String, words: String) throws {
    #expect(try box.store().revertTarget(.named(Array(name.utf8))) { _ in }.words == words)
  }

  // MARK: Whose

  @Test func anotherBoxesIsTakenOnlyWhereThatIsAskedFor() throws {
    try box.commit(box.store(host: "other"), "one")
    let old = try #require(try box.commit(box.store(host: "other"), "two").former)
    box.builder.remove("media/usb/other.apkovl.tar.gz")
    // What this box was called before would not count as another.
    box.builder.remove("run/lbud/hosts")
    try box.commit(box.store(), "three")
    let before = try box.bytes("box.apkovl.tar.gz")
    var error = #expect(throws: StoreError.self) { try box.revert(old) }
    #expect(
      error?.description
        == "/media/usb/LBUD/\(old) was made by the box other, and this is box; the current one is untouched")
    #expect(error?.hint == "if it is to be taken all the same: --foreign")
    // The name says nothing against the record.
    box.builder.rename("media/usb/LBUD/" + old, "media/usb/LBUD/" + RevertBox.dated)
    error = #expect(throws: StoreError.self) { try box.revert(RevertBox.dated) }
    #expect(error?.description.contains("was made by the box other") ?? false)
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == [RevertBox.dated])
    #expect(try box.revert(RevertBox.dated, nil, RevertDemands(takesForeign: true)).name == "box.apkovl.tar.gz")
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try box.bytes("box.apkovl.tar.gz") != before)
  }

  @Test func withoutARecordTheNameTells() throws {
    try box.commit(box.store(), "one")
    try pack("etc/motd", as: "other.20200102030405.tar.gz")
    let error = #expect(throws: StoreError.self) { try box.revert("other.20200102030405.tar.gz") }
    #expect(
      error?.description
        == "/media/usb/LBUD/other.20200102030405.tar.gz is another box's by its name, and this is box; "
        + "the current one is untouched")
    try pack("etc/motd", as: RevertBox.dated)
    #expect(try box.revert(RevertBox.dated).record == nil)
  }

  @Test func whatTheBoxHasMadeUnderAnEarlierNameIsItsOwn() throws {
    try box.commit(box.store(host: "former"), "one")
    let old = try #require(try box.commit(box.store(host: "former"), "two").former)
    #expect(try box.revert(old).name == "box.apkovl.tar.gz")
  }

  // MARK: What is in it

  @Test(arguments: [
    (
      "--transform 's,^etc/f$,etc/l/evil,' etc/l etc/f",
      "is no whole snapshot: etc/l/evil: it lies in etc/l, which the archive makes no directory"
    ),
    (
      "--transform 's,^etc/f$,etc/motd/below,' etc/motd etc/f",
      "is no whole snapshot: etc/motd/below: it lies in etc/motd, which the archive makes no directory"
    ),
    ("-T /dev/null", "holds nothing"),
  ]) func whatCouldNotBeRestoredIsNotBootedEither(arguments: String, words: String) throws {
    try box.commit(box.store(), "one")
    let before = try box.bytes("box.apkovl.tar.gz")
    box.builder.file("etc/f", "x")
    box.builder.symlink(BytePath("etc/l"), to: Array("/tmp".utf8))
    try pack(arguments, as: RevertBox.dated)
    let error = #expect(throws: StoreError.self) { try box.revert(RevertBox.dated) }
    #expect(error?.description == "/media/usb/LBUD/\(RevertBox.dated) \(words); the current one is untouched")
    #expect(try box.bytes("box.apkovl.tar.gz") == before)
    #expect(try box.names("media/usb/LBUD") == [RevertBox.dated])
  }

  private func pack(_ arguments: String, as name: String) throws {
    box.builder.directory(BytePath("media/usb/LBUD"))
    let directory = box.directory.path
    try #require(run(["sh", "-c", "cd '\(directory)' && tar -czf 'media/usb/LBUD/\(name)' \(arguments)"]).code == 0)
  }

  // MARK: Encrypted ones

  private func encrypted(_ password: String? = "secret") throws -> SnapshotStore {
    try box.store(encryption: "aes-256-cbc", password: password)
  }

  @Test func anEncryptedOneIsReadWhereThereIsAPassword() throws {
    let first = try box.commit(encrypted(), "one")
    let old = try #require(try box.commit(encrypted(), "two").former)
    let wanted = try box.bytes("LBUD/" + old)
    // Whatever is encrypted now.
    let reverted = try box.revert(old, box.store(password: "secret"))
    #expect(reverted.record == first.record && reverted.record != nil)
    #expect(reverted.notes.isEmpty)
    #expect(try box.bytes("box.apkovl.tar.gz.aes-256-cbc") == wanted)
  }

  @Test(arguments: [
    ("cut", "cannot be decrypted with the PASSWORD of lbu.conf: "), ("other", "cannot be decrypted with the PASSWORD"),
    ("stump", "is no whole snapshot: not a gzip file; "), ("flipped", "is no whole snapshot: "),
    ("renamed", "is no whole snapshot: openssl knows no cipher bak; "),
  ]) func anEncryptedOneThatWouldNotBootIsRefused(what: String, words: String) throws {
    try box.commit(encrypted(), "one")
    var old = try #require(try box.commit(encrypted(), "two").former)
    let before = try box.bytes("box.apkovl.tar.gz.aes-256-cbc")
    var content = try box.bytes("LBUD/" + old)
    switch what {
    case "cut": content = Array(content.prefix(100))
    case "stump": content = Array(content.prefix(10))
    // Behind openssl's header and the block with gzip's.
    case "flipped": content[40] ^= 0x55
    case "renamed":
      let dated = String(old.dropLast(RevertBox.cipher.count))
      box.builder.rename("media/usb/LBUD/" + old, "media/usb/LBUD/\(dated).bak")
      old = dated + ".bak"
    default: break
    }
    box.builder.file(BytePath("media/usb/LBUD/" + old), content)
    let store = try encrypted(what == "other" ? "another" : "secret")
    let error = #expect(throws: StoreError.self) { try box.revert(old, store) }
    #expect(error?.description.hasPrefix("/media/usb/LBUD/\(old) \(words)") ?? false, "\(String(describing: error))")
    #expect(try box.bytes("box.apkovl.tar.gz.aes-256-cbc") == before)
    #expect(try box.names("media/usb/LBUD") == [old])
  }

  @Test func toGoBackItNeedNotOpen() throws {
    try box.commit(encrypted(), "one")
    let old = try #require(try box.commit(encrypted(), "two").former)
    let wanted = try box.bytes("LBUD/" + old)
    let reverted = try box.revert(old, encrypted("another"), .goingBack())
    #expect(reverted.notes.first?.contains("cannot be decrypted with the PASSWORD") ?? false)
    #expect(try box.bytes("box.apkovl.tar.gz.aes-256-cbc") == wanted)
  }
}
