import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// All snapshots by their records.
@Suite(.onOwnThread) struct HistoryTests {
  private func history(_ box: RevertBox, _ store: SnapshotStore? = nil) throws -> [HistoryEntry] {
    try withExtendedLifetime(box.directory) { try (store ?? box.store()).history { _ in } }
  }

  @Test func theNewestFirstWhatBootsBeforeWhatDoesNot() throws {
    let box = try RevertBox()
    for content in ["one", "two", "three"] { try box.commit(box.store(), content) }
    box.builder.file("media/usb/\(RevertBox.dated)", "x")
    box.builder.file("media/usb/other.apkovl.tar.gz", "x")
    box.builder.file("media/usb/LBUD/other.20300102030405.tar.gz", "x")
    box.builder.file("media/usb/notes.tar.gz", "x")
    box.builder.directory(BytePath("media/usb/box.20190102030405.tar.gz"))
    box.builder.symlink(BytePath("media/usb/box.20180102030405.tar.gz"), to: Array(RevertBox.dated.utf8))
    let entries = try history(box)
    let dates = try box.names("media/usb/LBUD").filter { $0.hasPrefix("box.") }.sorted().reversed()
    #expect(
      entries.map { displayText(of: $0.relativeName) }
        == ["box.apkovl.tar.gz", "other.apkovl.tar.gz", "LBUD/other.20300102030405.tar.gz"]
        + dates.map { "LBUD/\($0)" } + [RevertBox.dated])
    #expect(entries.map(\.standing) == [.current, .rival, .old, .old, .old, .old])
    #expect(entries.map(\.isOwn) == [true, false, false, true, true, true])
  }

  @Test(arguments: [true, false]) func whatIsReadBackBeforeItCountsSaysSo(verifies: Bool) throws {
    let box = try RevertBox()
    var store = try box.store()
    store.verifies = verifies
    try box.commit(store, "one")
    #expect(try history(box).first?.record?.facts.isReadBack == verifies)
  }

  /// Bytes of the beginning, and what is told; nil for what lbu may have made.
  @Test(arguments: [
    ("box.apkovl.tar.gz", "", "the file is empty"), ("box.apkovl.tar.gz", "x", "not a gzip file"),
    ("box.apkovl.tar.gz", "\u{1f}", "not a gzip file"),
    ("box.apkovl.tar.gz.bak", "x", "not encrypted, though the boot loader takes the end of its name for a cipher"),
  ]) func whatIsNoSnapshotIsToldFromWhatHasNoRecord(name: String, content: String, words: String) throws {
    let box = try RevertBox()
    box.builder.file("media/usb/\(name)", content)
    #expect(try history(box).map(\.account) == [.damaged(words)])
  }

  @Test func withoutARecordItIsNobodys() throws {
    let box = try RevertBox()
    box.builder.file(BytePath("media/usb/box.apkovl.tar.gz"), [0x1f, 0x8b, 8])
    box.builder.file(BytePath("media/usb/\(RevertBox.dated)\(RevertBox.cipher)"), RevertBox.encrypted)
    let entries = try history(box)
    #expect(entries.map(\.account) == [.none, .sealed])
    #expect(entries.last?.time == 1_577_934_245)
  }

  @Test func ofEachNoMoreIsReadThanItsRecord() throws {
    let box = try RevertBox()
    let noise = (0..<1_000_000).map { _ in UInt8.random(in: 0...255) }
    box.builder.file(BytePath("etc/noise"), noise)
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 1)
    _ = try box.store().commit(
      CommitOrder(entries: [SelectedEntry(BytePath("etc/noise"), .file, .added)], facts: facts)
    ) { _ in }
    let media = box.directory.path + "/media/usb/"
    for number in 100..<200 {
      let name = "LBUD/box.20200102030\(number).tar.gz"
      #expect(link(media + "box.apkovl.tar.gz", media + name) == 0)
    }
    let before = try Self.bytesRead()
    let entries = try history(box)
    let read = try Self.bytesRead() - before
    #expect(entries.count { $0.record != nil } == 101)
    #expect(entries.allSatisfy { $0.size > 1_000_000 })
    #expect(read < 101 * 70_000, "\(read) bytes")
  }

  /// By this thread so far, from whatever file.
  private static func bytesRead() throws -> Int {
    let text = String(
      decoding: try RootDirectory(path: "/").read(BytePath("proc/thread-self/io"), limit: 4096), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
    return try #require(Int(line.dropFirst("rchar: ".count)))
  }
}
