import LbudCore
import Testing

@testable import LbudArchive

@Suite("A file changes while it is read")
struct ChangingFileTests {
  struct ReadFailed: Error {}

  static let before = Entry(BytePath("etc/a"), content: Fixture.random(100_000))
  static let changing = Entry(BytePath("etc/b"), content: Fixture.random(300_000))
  static let after = Entry(BytePath("etc/c"), content: Fixture.random(3000))

  @Test(arguments: [0, 1, 511, 512, 299_999])
  func endsEarly(size: Int) throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    let content = Array(Self.changing.content.prefix(size))
    var failure: ArchiveError?
    do {
      _ = try writer.append(Self.changing.member, reading: source(content))
    } catch let error as ArchiveError { failure = error }
    #expect(
      failure == .shortContent(path: Self.changing.member.path, announced: 300_000, delivered: UInt64(size)))
  }

  @Test(arguments: [0, 1, 512, 65_536])
  func grows(size: UInt64) throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    var member = Self.changing.member
    member.body = .file(size: size)
    var failure: ArchiveError?
    do {
      _ = try writer.append(member, reading: source(Self.changing.content))
    } catch let error as ArchiveError { failure = error }
    #expect(failure == .longContent(path: member.path, announced: size))
  }

  @Test func nothingIsTakenUntilItIsRewound() throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    let mark = try writer.mark()
    _ = try? writer.append(Self.changing.member, reading: source([]))
    var failures: [ArchiveError?] = []
    do { try writer.append(Self.after) } catch { failures.append(error as? ArchiveError) }
    do { _ = try writer.mark() } catch { failures.append(error as? ArchiveError) }
    #expect(failures == [.needsRewind, .needsRewind])
    try writer.rewind(to: mark)
    try writer.append(Self.after)
    #expect(try writer.finish(facts).0.bytes == snapshot([Self.after]).bytes)
  }

  @Test func afterAFailureThereIsNoSnapshot() throws {
    #expect(throws: ArchiveError.needsRewind) {
      var writer = try ArchiveWriter(output: MemoryOutput())
      _ = try? writer.append(Self.changing.member, reading: source([]))
      _ = try writer.finish(facts)
    }
  }

  enum Fault: CaseIterable {
    case short, long, readFails, wholeFileDropped
  }

  @Test(arguments: Fault.allCases)
  func rewoundAndReadAgainTheArchiveIsTheSame(fault: Fault) throws {
    func write(failing: Bool) throws -> (MemoryOutput, SnapshotRecord) {
      var writer = try ArchiveWriter(output: MemoryOutput(), spanSize: 50_000)
      try writer.append(Self.before)
      try writer.append(Self.after)
      let mark = try writer.mark()
      for _ in 0..<(failing ? 3 : 0) {
        switch fault {
        case .short:
          _ = try? writer.append(Self.changing.member, reading: source(Array(Self.changing.content.dropLast())))
        case .long: _ = try? writer.append(Self.changing.member, reading: source(Self.changing.content + [1]))
        case .readFails: _ = try? writer.append(Self.changing.member) { _ in throw ReadFailed() }
        case .wholeFileDropped: try writer.append(Self.changing)
        }
        try writer.rewind(to: mark)
      }
      #expect(writer.entryCount == 2)
      try writer.append(Self.changing)
      return try writer.finish(facts)
    }
    let (clean, cleanRecord) = try write(failing: false)
    let (dirty, dirtyRecord) = try write(failing: true)
    #expect(clean.bytes == dirty.bytes)
    #expect(cleanRecord == dirtyRecord)
    #expect(try index(of: dirty.bytes).entries == Fixture.index(of: [Self.before, Self.after, Self.changing]))
  }

  @Test func rewindsAfterTheOutputFailedToo() throws {
    // A disk that is full during the first try, and not later: what was half written must go.
    var output = FillingOutput()
    output.failures = [3]
    var writer = try ArchiveWriter(output: output, spanSize: 50_000)
    try writer.append(Self.after)
    let mark = try writer.mark()
    #expect(throws: MemoryOutput.Refused.self) { try failing(&writer) }
    try writer.rewind(to: mark)
    try writer.append(Self.changing)
    let bytes = try writer.finish(facts).0.bytes
    #expect(try index(of: bytes).entries == Fixture.index(of: [Self.after, Self.changing]))

    func failing(_ writer: inout ArchiveWriter<FillingOutput>) throws {
      _ = try writer.append(Self.changing.member, reading: source(Self.changing.content))
    }
  }

  @Test func aMarkTwiceInOnePlaceCostsNothing() throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    _ = try writer.mark()
    _ = try writer.mark()
    try writer.append(Self.after)
    #expect(try writer.finish(facts).0.bytes == snapshot([Self.after]).bytes)
  }

  @Test func aMarkThatIsNoLongerInTheArchiveIsRefused() throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    let start = try writer.mark()
    try writer.append(Self.before)
    let later = try writer.mark()
    try writer.rewind(to: start)
    var failure: ArchiveError?
    do { try writer.rewind(to: later) } catch { failure = error as? ArchiveError }
    #expect(failure == .staleMark)
  }
}

/// Fails, having written half, at the calls whose numbers are in `failures`.
private struct FillingOutput: ArchiveOutput {
  var bytes: [UInt8] = []
  var calls = 0
  var failures: Set<Int> = []

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    calls += 1
    if failures.contains(calls) {
      self.bytes += bytes.prefix(bytes.count / 2)
      throw MemoryOutput.Refused()
    }
    self.bytes += bytes
  }

  mutating func truncate(to position: UInt64) throws {
    bytes.removeSubrange(Int(position)...)
  }
}

extension ArchiveWriter where Output == FillingOutput {
  fileprivate mutating func append(_ entry: Entry) throws {
    _ = try append(entry.member, reading: source(entry.content))
  }
}
