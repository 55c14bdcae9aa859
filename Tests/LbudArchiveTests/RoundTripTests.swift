import LbudCore
import Testing

@testable import LbudArchive

@Suite("What was written is read")
struct RoundTripTests {
  @Test("every kind of entry", arguments: [1, 511, 512, 4096, Int.max])
  func everyKind(step: Int) throws {
    let all = Fixture.longest + Fixture.devices
    let (bytes, record) = try snapshot(all, spanSize: 20_000)
    let tar = try unpack(bytes, step: step)
    #expect(try entries(ofTar: tar, step: step) == all)
    #expect(record.entryCount == all.count)
    #expect(record.tarSize == UInt64(tar.count))
  }

  @Test func theIndexHoldsFingerprintsAndResolvesHardLinks() throws {
    let all = Fixture.longest + Fixture.devices
    let (bytes, record) = try snapshot(all)
    let found = try index(of: bytes)
    #expect(found.entries == (try Fixture.index(of: all)))
    #expect(found.record == record)
    #expect(found.entries[BytePath("etc/world")] == found.entries[BytePath("etc/hostname")])
    #expect(found.entries[BytePath("etc/world")]?.uid == 12)
  }

  @Test func aDigestIsReturnedForEachFile() throws {
    var writer = try ArchiveWriter(output: MemoryOutput())
    let entry = Entry("etc/hostname", content: "alpha\n")
    let digest = try writer.append(entry.member, reading: source(entry.content, step: 2))
    #expect(try Fixture.index(of: [entry])[entry.member.path]?.content == .file(size: 6, digest: digest))
    _ = try writer.finish(facts)
  }

  @Test func theSameTreeGivesTheSameBytes() throws {
    let first = try snapshot(Fixture.longest, spanSize: 5000)
    let second = try snapshot(Fixture.longest, spanSize: 5000)
    #expect(first.bytes == second.bytes)
    #expect(first.record == second.record)
  }

  @Test func theSameTreeGivesTheSameTarHoweverItIsCutIntoMembers() throws {
    let small = try snapshot(Fixture.longest, spanSize: 1)
    let large = try snapshot(Fixture.longest)
    #expect(small.record.spans?.count == Fixture.longest.count + 1)
    #expect(large.record.spans?.count == 2)
    #expect(try unpack(small.bytes) == unpack(large.bytes))
  }

  @Test func anEmptySnapshotIsOne() throws {
    let (bytes, record) = try snapshot([])
    #expect(try index(of: bytes).entries.isEmpty)
    #expect(record.tarSize == 1024)
    #expect(try SnapshotRecord.read(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes)) == record)
  }

  @Test func ofTwoEntriesTheLaterCounts() throws {
    let (bytes, _) = try snapshot([
      Entry("etc/a", content: "old"), Entry("etc/b", .hardLink(to: BytePath("etc/a"))), Entry("etc/a", content: "new"),
    ])
    let found = try index(of: bytes).entries
    #expect(found == (try Fixture.index(of: [Entry("etc/b", content: "old"), Entry("etc/a", content: "new")])))
  }

  @Test func contentThatNobodyReadsIsSkipped() throws {
    let (bytes, _) = try snapshot(Fixture.longest)
    var reader = TarReader(source: source(try unpack(bytes)))
    var paths: [BytePath] = []
    while let member = try reader.next() { paths.append(member.path) }
    #expect(paths == Fixture.longest.map(\.member.path))
    let hasEndMark = reader.hasEndMark
    #expect(hasEndMark)
  }

  @Test(arguments: [1, 6, 9] as [Int32])
  func everyLevelGivesTheSameTar(level: Int32) throws {
    var writer = try ArchiveWriter(output: MemoryOutput(), level: level)
    for entry in Fixture.long { try writer.append(entry) }
    #expect(try unpack(writer.finish(facts).0.bytes) == unpack(snapshot(Fixture.long).bytes))
  }

  @Test func aLevelThatZlibDoesNotKnowIsAnError() {
    #expect(throws: ArchiveError.self) { _ = try ArchiveWriter(output: MemoryOutput(), level: 99) }
  }
}
