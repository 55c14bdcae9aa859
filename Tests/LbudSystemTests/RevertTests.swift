import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Synchronization
import Testing

@testable import LbudSystem

/// Old snapshots: which there are, and how one becomes the current one again.
@Suite struct RevertTests {
  private let box: RevertBox

  init() throws { box = try RevertBox() }

  // MARK: Listing

  @Test func whatLbuListsIsListedInBothPlaces() throws {
    #expect(try box.store().olds { _ in }.isEmpty)
    let names = [
      "box.20200102030405.tar.gz", "LBUD/box.20210102030405.tar.gz", "other.20190102030405.tar.gz.aes-256-cbc",
      "LBUD/box.1234.tar.gz",
    ]
    for name in names { box.builder.file("media/usb/" + name, name) }
    for name in [".box.20200102030405.tar.gz", "box.apkovl.tar.gz", "notes.txt", "LBUD/NEW.AAA", "LBUD/DIR.AAA/x"] {
      box.builder.file("media/usb/" + name, "x")
    }
    box.builder.directory(BytePath("media/usb/dir.20200102030405.tar.gz"))
    box.builder.symlink(BytePath("media/usb/link.20200102030405.tar.gz"), to: Array("notes.txt".utf8))
    let strange = [0xff] + Array("\n.20200102030405.tar.gz".utf8)
    box.builder.file(BytePath("media/usb/LBUD").appending(strange), [1, 2])
    box.setTime(names[0], 1_600_000_000)
    let olds = try box.store().olds { _ in }
    #expect(
      olds.map { ($0.isInFolder ? "LBUD/" : "") + displayText(of: $0.name) } == [
        names[3], names[0], names[1], names[2], "LBUD/\u{fffd}\\n.20200102030405.tar.gz",
      ])
    #expect(olds[1].modified == 1_600_000_000 && olds[1].size == UInt64(names[0].utf8.count))
    // The same name in both: one of them, which a revert takes.
    box.builder.file("media/usb/LBUD/" + names[0], "another")
    #expect(try box.store().olds { _ in } == olds)
  }

  @Test func whereTheMediaIsNotThereNothingIsListed() throws {
    box.builder.remove("media/usb")
    let error = #expect(throws: StoreError.self) { try box.store().olds { _ in } }
    #expect(error?.isAbsence == true)
  }

  // MARK: Reverting

  @Test(arguments: [true, false], ["", "LBUD/"])
  func anOldOneBecomesCurrentAndTheCurrentOneOld(mayLink: Bool, place: String) throws {
    let store = try box.store(limit: 0, mayLink: mayLink)
    let first = try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.setTime("LBUD/" + old, 1_577_934_245)
    box.builder.rename("media/usb/LBUD/" + old, "media/usb/" + place + RevertBox.dated)
    let (wanted, current) = try (box.bytes(place + RevertBox.dated), box.bytes("box.apkovl.tar.gz"))
    let reverted = try box.revert(RevertBox.dated, store)
    #expect(reverted.name == "box.apkovl.tar.gz")
    #expect(reverted.record == first.record)
    #expect(try box.bytes("box.apkovl.tar.gz") == wanted)
    #expect(try box.time("box.apkovl.tar.gz") == 1_577_934_245)
    // The former one is kept whatever BACKUP_LIMIT says; the old name is gone.
    let former = try #require(reverted.former)
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try box.names("media/usb/LBUD") == [former])
    #expect(try box.bytes("LBUD/" + former) == current)
    #expect(try SnapshotName.dated(host: "box", time: box.time("LBUD/" + former)) == former)
    #expect(reverted.notes.isEmpty && reverted.retired.isEmpty)
    #expect(try reverted.glance == store.glance() && reverted.glance?.current == reverted.signature)
    // And back.
    #expect(try box.revert("LBUD/" + former, store).former == RevertBox.dated)
    #expect(try box.bytes("box.apkovl.tar.gz") == current)
    #expect(try box.names("media/usb/LBUD") == [RevertBox.dated])
  }

  @Test func retentionIsTheNextCommits() throws {
    for number in 0..<4 { try box.commit(box.store(limit: 10), "\(number)") }
    let olds = try box.store().olds { _ in }
    #expect(olds.count == 3)
    _ = try box.revert(displayText(of: olds[0].name), box.store(limit: 1))
    #expect(try box.store().olds { _ in }.count == 3)
  }

  @Test func withNoCurrentOneItIsTheFirst() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.builder.remove("media/usb/box.apkovl.tar.gz")
    let reverted = try box.revert(old)
    #expect(reverted.former == nil)
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    #expect(try box.names("media/usb/LBUD").isEmpty)
  }

  @Test func anEncryptedOneBecomesCurrentUnderItsCiphersName() throws {
    try box.commit(box.store(), "one")
    let plain = try box.bytes("box.apkovl.tar.gz")
    box.builder.file(BytePath("media/usb/" + RevertBox.dated + RevertBox.cipher), RevertBox.encrypted)
    var reverted = try box.revert(RevertBox.dated + RevertBox.cipher)
    #expect(reverted.name == "box.apkovl.tar.gz.aes-256-cbc")
    #expect(reverted.record == nil && reverted.former == nil)
    #expect(
      reverted.notes == [
        "/media/usb/\(RevertBox.dated)\(RevertBox.cipher) is encrypted and could not be checked: no PASSWORD is set"
      ])
    // Exactly one boots: the plain one was retired.
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz.aes-256-cbc"])
    let former = try #require(reverted.retired.first)
    #expect(try box.bytes("LBUD/" + former) == plain)
    #expect(try box.bytes("box.apkovl.tar.gz.aes-256-cbc") == RevertBox.encrypted)
    // And back again.
    reverted = try box.revert(former)
    #expect(reverted.name == "box.apkovl.tar.gz" && reverted.record != nil)
    #expect(reverted.retired.count == 1 && reverted.retired.first?.hasSuffix(".tar.gz.aes-256-cbc") ?? false)
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz"])
    // From one encrypted one to another, the former keeps its suffix.
    box.builder.rename("media/usb/box.apkovl.tar.gz", "media/usb/box.apkovl.tar.gz.aes-256-cbc")
    reverted = try box.revert(try #require(reverted.retired.first))
    #expect(reverted.former?.hasSuffix(".tar.gz.aes-256-cbc") ?? false)
    #expect(try box.names("media/usb") == ["LBUD", "box.apkovl.tar.gz.aes-256-cbc"])
  }

  @Test func aSuffixAloneMakesNoCipher() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.builder.rename("media/usb/LBUD/" + old, "media/usb/" + old + ".bak")
    #expect(try box.revert(old + ".bak").name == "box.apkovl.tar.gz")
    box.builder.file("media/usb/" + RevertBox.dated + ".bak", "something else")
    let error = #expect(throws: StoreError.self) { try box.revert(RevertBox.dated + ".bak") }
    #expect(error?.description.hasPrefix("/media/usb/\(RevertBox.dated).bak is no whole snapshot: ") ?? false)
  }

  @Test func ofTwoOfOneNameOnlyTheOneThatWasTakenGoes() throws {
    try box.commit(box.store(), "one")
    let old = try #require(try box.commit(box.store(), "two").former)
    box.builder.file("media/usb/" + old, "in the top, and none")
    let wanted = try box.bytes("LBUD/" + old)
    #expect(throws: StoreError.self) { try box.revert(old) }
    _ = try box.revert("LBUD/" + old)
    #expect(try box.bytes("box.apkovl.tar.gz") == wanted)
    #expect(try box.names("media/usb").contains(old))
    #expect(try !box.names("media/usb/LBUD").contains(old))
  }

  /// Somebody looks all the time; between the two kinds of name too, where no rename can do it at once.
  @Test(arguments: [true, false]) func atNoMomentIsThereNoCurrentOne(mayLink: Bool) throws {
    let store = try box.store(mayLink: mayLink)
    try box.commit(store, "one")
    box.builder.file(BytePath("media/usb/" + RevertBox.dated + RevertBox.cipher), RevertBox.encrypted)
    let (stop, stopped) = (Flag(), Flag())
    let seen = Mutex<(reverts: Int, looks: Int, missing: Int)>((0, 0, 0))
    let top = box.directory.path + "/media/usb/box.apkovl.tar.gz"
    startThread {
      while !stop.isRaised {
        let before = seen.withLock { $0.reverts }
        // One may go between the two looks, but only when the other has come: then it is there at a third. That is so
        // within one revert.
        let isThere = [top, top + RevertBox.cipher, top].contains { (path: String) in access(path, F_OK) == 0 }
        seen.withLock {
          guard $0.reverts == before else { return }
          $0.looks += 1
          $0.missing += isThere ? 0 : 1
        }
      }
      stopped.raise()
    }
    defer {
      stop.raise()
      while !stopped.isRaised { usleep(1000) }
    }
    var name = RevertBox.dated + RevertBox.cipher
    for _ in 0..<20 {
      seen.withLock { $0.reverts += 1 }
      let reverted = try box.revert(name, store)
      name = try #require(reverted.former ?? reverted.retired.first)
      #expect(try box.names("media/usb").count == 2)
    }
    while seen.withLock({ $0.looks }) < 100 { usleep(1000) }
    #expect(seen.withLock { $0.missing } == 0)
  }
}
