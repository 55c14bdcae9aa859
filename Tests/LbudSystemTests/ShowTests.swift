import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What is shown of a snapshot, and that it is nothing of one that is not whole.
@Suite(.onOwnThread) struct ShowTests {
  private static let entries: [(path: String, kind: FileKind)] = [
    ("etc", .directory), ("etc/d", .directory), ("etc/d/f", .file), ("etc/link", .symlink), ("etc/motd", .file),
    ("etc/noise", .file), ("etc/zz", .file),
  ]

  /// A box with a snapshot of all kinds.
  private func box() throws -> RevertBox {
    let box = try RevertBox()
    box.builder.directory(BytePath("etc/d"), mode: 0o700)
    box.builder.file("etc/d/f", "f")
    box.builder.symlink(BytePath("etc/link"), to: [0xff, 0x0a])
    box.builder.file("etc/motd", "hello\n")
    box.builder.file(BytePath("etc/noise"), (0..<20_000).map { _ in UInt8.random(in: 0...255) })
    #expect(Glibc.link(box.directory.path + "/etc/motd", box.directory.path + "/etc/zz") == 0)
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    let entries = Self.entries.map { SelectedEntry(BytePath($0.path), $0.kind, .added) }
    _ = try box.store().commit(CommitOrder(entries: entries, facts: facts)) { _ in }
    return box
  }

  private func show(
    _ box: RevertBox, _ path: String, _ reference: SnapshotReference = .back(0)
  ) throws -> SnapshotStore.Shown {
    try withExtendedLifetime(box.directory) {
      try box.store().show(reference, path: BytePath(path)) { _ in }
    }
  }

  private func words(_ body: () throws -> some Any) -> StoreError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error as? StoreError
    }
  }

  @Test func allOfItByPath() throws {
    let shown = try show(box(), "")
    #expect(shown.entries.map(\.path.display) == Self.entries.map(\.path))
    #expect(shown.entries.map(\.entry.fingerprint.kind) == Self.entries.map(\.kind))
    #expect(shown.content == nil && shown.entries.allSatisfy { $0.entry.content == nil })
    #expect(displayText(of: shown.name) == "box.apkovl.tar.gz")
  }

  @Test(arguments: [("etc/motd", "hello\n"), ("etc/zz", "hello\n"), ("etc/d/f", "f")])
  func aFileIsShownWhole(path: String, content: String) throws {
    let shown = try show(box(), path)
    #expect(shown.entries.map(\.path.display) == [path])
    #expect(shown.content == Array(content.utf8))
  }

  @Test func aSymlinkIsItself() throws {
    let shown = try show(box(), "etc/link")
    #expect(shown.entries.map(\.entry.fingerprint.content) == [.symlink(target: [0xff, 0x0a])])
    #expect(shown.content == nil)
  }

  @Test func aDirectoryNeedBeNoEntry() throws {
    #expect(try show(box(), "etc/d").entries.map(\.path.display) == ["etc/d", "etc/d/f"])
    let box = try RevertBox()
    try box.commit(box.store(), "one")
    #expect(try show(box, "etc").entries.map(\.path.display) == ["etc/motd"])
  }

  @Test(arguments: ["etc/mot", "etc/motd/x", "etc/link/x", "..", "etc/../etc/motd"])
  func whatItDoesNotHoldIsNamed(path: String) throws {
    let box = try box()
    let error = words { try show(box, path) }
    #expect(error?.description == "/media/usb/box.apkovl.tar.gz does not hold \(path)")
    #expect(error?.hint == "lbuctl show box.apkovl.tar.gz lists what it holds")
  }

  /// Bits at random places: what is shown is what was saved, or nothing.
  @Test func aFlippedBitIsNeverShown() throws {
    let box = try box()
    let good = try box.bytes("box.apkovl.tar.gz")
    var refusals = 0
    for _ in 0..<1000 {
      var damaged = good
      damaged[Int.random(in: 0..<good.count)] ^= 1 << UInt8.random(in: 0..<8)
      box.builder.file(BytePath("media/usb/box.apkovl.tar.gz"), damaged)
      do {
        let shown = try show(box, "etc/motd")
        // A bit of a gzip header that means nothing.
        #expect(shown.content == Array("hello\n".utf8))
      } catch let error as StoreError {
        refusals += 1
        #expect(error.isDamage && error.description.hasPrefix("/media/usb/box.apkovl.tar.gz is no whole snapshot: "))
        #expect(error.hint == "nothing of it is used; lbuctl log shows which others there are")
      }
    }
    #expect(refusals > 900)
    withExtendedLifetime(box.directory) {}
  }

  @Test(arguments: [0, 1, 100, 5000, 19_000, -1, -30]) func oneThatIsCutIsNotShown(end: Int) throws {
    let box = try box()
    let good = try box.bytes("box.apkovl.tar.gz")
    box.builder.file(BytePath("media/usb/box.apkovl.tar.gz"), Array(end < 0 ? good.dropLast(-end) : good.prefix(end)))
    #expect(words { try show(box, "etc/motd") }?.isDamage == true)
    #expect(words { try box.store().states(of: [.back(0)]) { _ in } }?.isDamage == true)
  }

  @Test func theNumbersAreThoseOfTheHistory() throws {
    let box = try RevertBox()
    for content in ["one", "two", "three"] { try box.commit(box.store(), content) }
    for (back, content) in ["three", "two", "one"].enumerated() {
      #expect(try show(box, "etc/motd", .back(back)).content == Array(content.utf8))
    }
    #expect(
      words { try show(box, "etc/motd", .back(3)) }?.description
        == "/media/usb holds 3 snapshots of this box: there is no number -3")
    // Without the password.
    box.builder.file(BytePath("media/usb/LBUD/\(RevertBox.dated)\(RevertBox.cipher)"), RevertBox.encrypted)
    let error = words { try show(box, "", .back(3)) }
    #expect(
      error?.description
        == "/media/usb/LBUD/\(RevertBox.dated)\(RevertBox.cipher) is encrypted, and PASSWORD is not set")
    #expect(error?.isPasswordMissing == true)
  }
}
