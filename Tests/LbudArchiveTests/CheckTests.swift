import LbudCore
import LbudTestSupport
import Testing

@testable import LbudArchive

@Suite("Checking what was written")
struct CheckTests {
  private func check(_ bytes: [UInt8]) throws -> SnapshotRecord? {
    try SnapshotRecord.check(fileSize: UInt64(bytes.count)) { offset, buffer in
      let part = bytes.dropFirst(Int(offset)).prefix(buffer.count)
      buffer.copyBytes(from: part)
      return part.count
    }
  }

  @Test func aWholeSnapshotGivesItsRecord() throws {
    let (bytes, record) = try #require(DamageTests.good)
    #expect(try check(bytes) == record)
  }

  @Test func withoutARecordNothingIsChecked() throws {
    let (bytes, record) = try #require(DamageTests.good)
    #expect(try check(Array(bytes.prefix(Int(record.compressedSize)))) == nil)
  }

  /// Whatever the check lets pass, the index reads as what was written.
  @Test func aBitFlippedIsFoundOrMeansNothing() throws {
    let (bytes, record) = try #require(DamageTests.good)
    var generator = SeededNumbers(seed: 99)
    var found = 0
    for _ in 0..<400 {
      var damaged = bytes
      damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      do {
        #expect(try check(damaged) == record)
        #expect(try index(of: damaged).entries == Fixture.index(of: Fixture.longest))
      } catch is ArchiveError {
        found += 1
      }
    }
    #expect(found > 390)
  }
}
