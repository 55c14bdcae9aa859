import LbudCore
import LbudTestSupport
import Testing

@testable import LbudCore

@Suite("What a snapshot holds, packed")
struct SavedEntriesTests {
  static let directory = Fingerprint(content: .directory, mode: 0o755, uid: 0, gid: 0)
  static let link = Fingerprint(content: .symlink(target: [0xff, 10]), mode: 0o777, uid: 0, gid: 0)

  /// In the archive's order: names without a slash last.
  static let entries: [(BytePath, Fingerprint)] = [
    (BytePath("etc"), directory), (BytePath("etc/a"), .file(1)), (BytePath("etc/a b\nc"), .file(2)),
    (BytePath(bytes: Array("etc/".utf8) + [0x80, 0xff]), link),
    (BytePath(bytes: Array("etc/".utf8) + [UInt8](repeating: 0xfe, count: 255)), .file(4)),
    (BytePath("var"), directory), (BytePath("a-top"), .file(5)), (BytePath("z-top"), link),
  ]

  private func built(spanEvery count: Int) -> SavedEntries {
    var builder = SavedEntriesBuilder()
    for (number, entry) in Self.entries.enumerated() {
      builder.add(entry.0, entry.1, modificationTime: Int64(number))
      if (number + 1) % count == 0 { builder.endSpan() }
    }
    return builder.finish()
  }

  @Test("each is found, however they are cut into spans", arguments: [1, 2, 3, 100])
  func found(count: Int) {
    let saved = built(spanEvery: count)
    #expect(saved.count == Self.entries.count)
    for (number, entry) in Self.entries.enumerated() {
      #expect(saved[entry.0] == entry.1)
      #expect(saved.entry(entry.0)?.modificationTime == Int64(number))
    }
    for missing in ["", "etc/a b", "etc/aa", "a", "zz", "etc/a b\nc/d", "var/x"] {
      #expect(saved[BytePath(missing)] == nil, "\(missing)")
    }
    #expect(Array(saved.keys) == Self.entries.map(\.0))
    #expect(saved == SavedEntries(Dictionary(uniqueKeysWithValues: Self.entries.map { ($0.0, $0.1) })))
  }

  @Test func spansThatEndWhereTheyShouldAreAligned() {
    #expect(built(spanEvery: 2).isAligned && built(spanEvery: 1).isAligned)
    #expect(built(spanEvery: 1).spans.count == Self.entries.count)
    // What came behind the last end is in no span of the file.
    #expect(!built(spanEvery: 3).isAligned)
    #expect(!SavedEntries.empty.isAligned)
  }

  @Test func anEmptySpanIsNoneOfLbuds() {
    var builder = SavedEntriesBuilder()
    builder.add(BytePath("etc/a"), .file(1), modificationTime: 0)
    builder.endSpan()
    builder.endSpan()
    let saved = builder.finish()
    #expect(!saved.isAligned && saved.count == 1)
  }

  @Test func outOfOrderTheLaterCounts() {
    var builder = SavedEntriesBuilder()
    for (name, number) in [("etc/b", 1), ("etc/a", 2), ("etc/b", 3), ("etc/c", 4)] as [(String, UInt8)] {
      builder.add(BytePath(name), .file(number), modificationTime: 0)
      builder.endSpan()
    }
    #expect(builder[BytePath("etc/b")] == .file(3) && builder[BytePath("etc/x")] == nil)
    let saved = builder.finish()
    #expect(!saved.isAligned)
    #expect(saved == [BytePath("etc/a"): .file(2), BytePath("etc/b"): .file(3), BytePath("etc/c"): .file(4)])
  }

  @Test func aDirectoryThatComesAgainAsAFileIsAFile() {
    var builder = SavedEntriesBuilder()
    builder.add(BytePath("etc"), Self.directory, modificationTime: 0)
    builder.add(BytePath("etc"), .file(1), modificationTime: 0)
    let saved = builder.finish()
    #expect(saved == [BytePath("etc"): .file(1)])
  }

  @Test func whatIsTakenOverIsSharedAndFound() throws {
    let saved = built(spanEvery: 1)
    var builder = SavedEntriesBuilder()
    for span in saved.spans.prefix(3) { builder.append(span) }
    builder.add(BytePath("etc/m"), .file(9), modificationTime: 0)
    builder.endSpan()
    for span in saved.spans.dropFirst(3) { builder.append(span) }
    let both = builder.finish()
    #expect(both.isAligned && both[BytePath("etc/m")] == .file(9) && both.count == saved.count + 1)
    #expect(both.spans(notIn: saved).count == 1 && saved.spans(notIn: both).isEmpty)
    var same = SavedEntriesBuilder()
    for span in saved.spans { same.append(span) }
    let again = same.finish()
    #expect(again == saved && again.isAligned && again.spans(notIn: saved).isEmpty)
  }
}
