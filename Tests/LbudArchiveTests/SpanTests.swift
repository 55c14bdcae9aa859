import Crypto
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudArchive

@Suite("Spans of a snapshot, copied into the next")
struct SpanTests {
  static let files = SnapshotCheckTests.files(8)

  /// What lies in a span of a snapshot, and what it is.
  private static func span(_ number: Int, of bytes: [UInt8], _ record: SnapshotRecord) throws -> (
    SnapshotRecord.Span, [UInt8]
  ) {
    let spans = try #require(record.spans)
    let start = Int(spans[..<number].reduce(0) { $0 + $1.compressedSize })
    return (spans[number], Array(bytes[start..<(start + Int(spans[number].compressedSize))]))
  }

  /// The same snapshot with another last file, all else copied.
  private static func copied() throws -> (bytes: [UInt8], record: SnapshotRecord) {
    let (bytes, record) = try snapshot(files, spanSize: 1)
    var writer = try ArchiveWriter(output: MemoryOutput(), spanSize: 1)
    for number in 0..<(files.count - 1) {
      let (span, content) = try span(number, of: bytes, record)
      try writer.copy([span], entryCount: 1) { output in try content.withUnsafeBytes { try output.write($0) } }
    }
    try writer.append(Entry("etc/file7", content: "another one"))
    let (output, made) = try writer.finish(facts)
    return (output.bytes, made)
  }

  @Test func whatIsCopiedIsWhatWouldHaveBeenMade() throws {
    let (bytes, record) = try Self.copied()
    let whole = try snapshot(Array(Self.files.dropLast()) + [Entry("etc/file7", content: "another one")], spanSize: 1)
    #expect(bytes == whole.bytes)
    #expect(record == whole.record)
    #expect(record.identity == whole.record.identity)
    #expect(try index(of: bytes).entries.isAligned)
  }

  @Test func anArchiveWhoseCopyFailedTakesNothingMore() throws {
    let (bytes, record) = try snapshot(Self.files, spanSize: 1)
    let (span, _) = try Self.span(2, of: bytes, record)
    var writer = try ArchiveWriter(output: MemoryOutput())
    #expect(throws: MemoryOutput.Refused.self) {
      try writer.copy([span], entryCount: 1) { _ in throw MemoryOutput.Refused() }
    }
    #expect(throws: ArchiveError.needsRewind) { try writer.append(Entry("etc/a", content: "a")) }
  }

  @Test("the check of a copied span notices every bit of it", arguments: [true, false])
  func check(isCopied: Bool) throws {
    let (bytes, record) = try snapshot(SnapshotCheckTests.files(3, size: 100), spanSize: 1)
    let copied: Set<Int> = isCopied ? [0, 1, 2, 3] : []
    #expect(
      try SnapshotRecord.check(fileSize: UInt64(bytes.count), copied: copied, readAt: randomAccess(bytes)) == record)
    for bit in 0..<(8 * bytes.count) {
      let damaged = SnapshotCheckTests.flipped(bytes, bit / 8, UInt8(bit % 8))
      let found = try? SnapshotRecord.check(
        fileSize: UInt64(bytes.count), copied: copied, readAt: randomAccess(damaged))
      #expect(found != record, "bit \(bit)")
    }
  }

  @Test func aQuickReadingNoticesEveryBitToo() throws {
    let (bytes, record) = try snapshot(SnapshotCheckTests.files(3, size: 100), spanSize: 1)
    for bit in 0..<(8 * bytes.count) {
      let damaged = SnapshotCheckTests.flipped(bytes, bit / 8, UInt8(bit % 8))
      let found = try? SnapshotIndex.read(fileSize: UInt64(bytes.count), isQuick: true, readAt: randomAccess(damaged))
      #expect(found?.record != record, "bit \(bit)")
    }
    let quick = try SnapshotIndex.read(fileSize: UInt64(bytes.count), isQuick: true, readAt: randomAccess(bytes))
    #expect(try quick.entries == index(of: bytes).entries && quick.record == record && quick.entries.isAligned)
  }

  @Test func spansGrowWhereThereAreTooMany() throws {
    var writer = try ArchiveWriter(output: MemoryOutput(), spanSize: 512, level: 1)
    for number in 0..<3000 { try writer.append(Entry("etc/\(number)", .fifo)) }
    let (output, record) = try writer.finish(facts)
    #expect(try #require(record.spans).count < 720)
    #expect(try SnapshotRecord.read(fileSize: UInt64(output.bytes.count), readAt: randomAccess(output.bytes)) == record)
    #expect(try index(of: output.bytes).entries.count == 3000)
  }

  @Test(
    arguments: [(0, 65_536), (26_000_000, 65_536), (160_000_000, 458_752), (10_000_000_000, 25_034_752)]
      as [(UInt64, Int)])
  func howLargeTheyAre(tarSize: UInt64, expected: Int) {
    #expect(SnapshotRecord.spanSize(tarSize: tarSize) == expected)
  }

  @Test func aLargeFileIsOneSpanOfSeveralMembers() throws {
    let large = Entry(BytePath("etc/large"), content: Fixture.random(700_000))
    let (bytes, record) = try snapshot([large, Entry("etc/small", content: "x")], spanSize: 65_536)
    #expect(record.spans?.count == 3)
    #expect(try index(of: bytes).entries == Fixture.index(of: [large, Entry("etc/small", content: "x")]))
    #expect(try SnapshotCheck.run(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes)).isWhole)
  }

  @Test func bothNamesOfAFileAreKnownToShareIt() throws {
    let entries = Array(Self.files.prefix(4)) + [Entry("etc/other", .hardLink(to: BytePath("etc/file1")))]
    let saved = try index(of: snapshot(entries, spanSize: 1).bytes).entries
    #expect(saved.isAligned && saved.spans.map(\.hasLinks) == [false, false, true, false, true])
    let one = try index(of: snapshot(entries).bytes).entries
    #expect(one.isAligned && one.spans.map(\.hasLinks) == [true])
  }

  // MARK: What the first lbud has left

  /// A snapshot as format 1 has it.
  static func former(_ entries: [Entry]) throws -> [UInt8] {
    let (bytes, made) = try snapshot(entries, spanSize: 1)
    let archive = Array(bytes.prefix(Int(made.compressedSize)))
    var record = made
    record.formatVersion = 1
    record.tarSHA256 = ContentDigest(SHA256.hash(data: try unpack(archive)))?.hexadecimal
    record.compressedSHA256 = ContentDigest(SHA256.hash(data: archive))?.hexadecimal
    record.spans = record.spans?.map { .init(compressedSize: $0.compressedSize, tarSize: $0.tarSize) }
    return archive + (try RecordMember.encode(record).bytes)
  }

  @Test func formatOneIsReadAndCheckedAsEver() throws {
    let bytes = try Self.former(Self.files)
    let found = try index(of: bytes)
    #expect(try found.entries == Fixture.index(of: Self.files))
    #expect(found.record?.formatVersion == 1 && found.record?.identity == found.record?.tarSHA256)
    // Without proofs nothing of it is copied.
    #expect(!found.entries.isAligned)
    #expect(try SnapshotCheck.run(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes)).isWhole)
    #expect(try SnapshotRecord.check(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes)) == found.record)
    #expect(try SnapshotListing.read(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes)).items.count == 9)
  }

  @Test func everyBitOfFormatOneIsCovered() throws {
    let bytes = try Self.former(SnapshotCheckTests.files(2, size: 60))
    for bit in 0..<(8 * bytes.count) {
      let damaged = SnapshotCheckTests.flipped(bytes, bit / 8, UInt8(bit % 8))
      #expect(try !SnapshotCheckTests.check(damaged).isWhole, "bit \(bit)")
    }
  }
}
