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

  static let odd: [(Fingerprint, Int64)] = {
    let digest = ContentDigest((0..<32).map { UInt8($0 * 8 % 251) })
    func made(_ content: Fingerprint.Content, _ mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0) -> Fingerprint {
      Fingerprint(content: content, mode: mode, uid: uid, gid: gid)
    }
    return [
      (made(.file(size: 0, digest: digest)), 0), (made(.file(size: 7, digest: nil)), -1),
      (made(.file(size: (1 << 48) - 1, digest: digest), 0o7777), (1 << 47) - 1),
      (made(.file(size: 1 << 48, digest: digest)), -(1 << 47)), (made(.file(size: .max, digest: nil)), 1 << 47),
      (made(.file(size: 1, digest: digest), .max), .max), (made(.directory, 0o1777, uid: .max, gid: .max - 1), .min),
      (made(.symlink(target: [])), 5), (made(.symlink(target: Array("../a/b\n".utf8) + [0xff])), -(1 << 47) - 1),
      (made(.symlink(target: [UInt8](repeating: 0x2f, count: 4095)), 0o777), 6), (made(.fifo), 7), (made(.socket), 8),
      (made(.characterDevice(major: .max, minor: 1)), 9), (made(.blockDevice(major: 2, minor: .max), uid: 1), 10),
    ]
  }()

  @Test("whatever they are, however far they are in common", arguments: 0..<30)
  func odd(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    var made: [(path: BytePath, fingerprint: Fingerprint, time: Int64)] = []
    let prefix = BytePath(["etc", "etc/d", "etc/d/e", "etc/d/e/f"].randomElement(using: &numbers) ?? "")
    for number in 0..<150 {
      let name = (0..<Int.random(in: 1...40, using: &numbers)).map { _ in UInt8.random(in: 1...255, using: &numbers) }
      var (fingerprint, time) = Self.odd[number % Self.odd.count]
      // More owners than have a place.
      if number.isMultiple(of: 2) { fingerprint.uid = UInt32(number) }
      made.append((BytePath(normalizing: prefix.bytes + [BytePath.separator] + name), fingerprint, time))
    }
    var seen: Set<BytePath> = []
    made = made.filter { seen.insert($0.path).inserted }
      .sorted { ArchiveKey($0.path, $0.fingerprint.kind) < ArchiveKey($1.path, $1.fingerprint.kind) }
    var builder = SavedEntriesBuilder()
    for (number, entry) in made.enumerated() {
      builder.add(entry.path, entry.fingerprint, modificationTime: entry.time)
      if number % 40 == 39 { builder.endSpan() }
    }
    let saved = builder.finish()
    #expect(saved.spans.count >= 4)
    #expect(Array(saved.keys) == made.map(\.path))
    for entry in made {
      #expect(saved[entry.path] == entry.fingerprint)
      #expect(saved.entry(entry.path)?.modificationTime == entry.time)
      #expect(saved[entry.path.appending([1])] == nil || seen.contains(entry.path.appending([1])))
      #expect(saved[entry.path.parent] == nil || seen.contains(entry.path.parent))
    }
  }

  @Test func asManyOwnersAsThereAreEntriesAreKeptAndCostTheSpansTheirEnds() {
    var builder = SavedEntriesBuilder()
    let count: UInt32 = 70_000
    for number in 0..<count {
      let entry = Fingerprint(content: .fifo, mode: 0o600, uid: number, gid: .max - number)
      builder.add(BytePath("etc/\(100_000 + number)"), entry, modificationTime: 1)
    }
    builder.endSpan()
    let saved = builder.finish()
    #expect(saved.count == Int(count) && saved.spans.count == 2 && !saved.isAligned)
    for number in [0, 1, 65_534, 65_535, 65_536, count - 1] {
      let entry = saved[BytePath("etc/\(100_000 + number)")]
      #expect(entry?.uid == number && entry?.gid == .max - number)
    }
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
