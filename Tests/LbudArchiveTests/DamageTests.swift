import LbudCore
import LbudTestSupport
import Testing

@testable import LbudArchive

@Suite("Snapshots damaged on the media")
struct DamageTests {
  static let good = try? snapshot(Fixture.longest, spanSize: 30_000)

  /// The index, or the error; anything that is no `ArchiveError` fails the test.
  static func read(_ bytes: [UInt8]) -> Result<SnapshotIndex, ArchiveError>? {
    do {
      return .success(try index(of: bytes))
    } catch let error as ArchiveError {
      return .failure(error)
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  @Test func cutAnywhereItIsAnError() throws {
    let (bytes, record) = try #require(Self.good)
    let borders = (record.spans ?? []).reduce(into: [0]) { $0.append($0[$0.count - 1] + Int($1.compressedSize)) }
    // All borders and their neighbours, and every place of the record, where it is easiest to go wrong.
    var places = Set(borders.flatMap { [$0 - 1, $0, $0 + 1] }.filter { (0..<bytes.count).contains($0) })
    places.formUnion(Int(record.compressedSize)..<bytes.count)
    var generator = SeededNumbers(seed: 7)
    for _ in 0..<200 { places.insert(Int.random(in: 0..<bytes.count, using: &generator)) }
    for place in places {
      let result = Self.read(Array(bytes.prefix(place)))
      if place == Int(record.compressedSize) {
        // Without its record it is what lbu would have made, and whole.
        guard case .success(let index) = result else {
          Issue.record("\(String(describing: result))")
          continue
        }
        #expect(index.entries == (try Fixture.index(of: Fixture.longest)))
        #expect(index.record == nil)
      } else {
        guard case .failure = result else {
          Issue.record("cut at \(place) of \(bytes.count) was taken for whole")
          continue
        }
      }
    }
  }

  @Test func cutBetweenTwoMembersItHasNoEndMark() throws {
    let (bytes, record) = try #require(Self.good)
    let first = Int(try #require(record.spans?.first).compressedSize)
    guard case .failure(.noEndMark) = Self.read(Array(bytes.prefix(first))) else {
      Issue.record("taken for whole")
      return
    }
  }

  @Test func aThousandBitsFlippedNeverGiveAnotherIndex() throws {
    let (bytes, record) = try #require(Self.good)
    let expected = try Fixture.index(of: Fixture.longest)
    var generator = SeededNumbers(seed: 42)
    var survived = 0
    for _ in 0..<1000 {
      var damaged = bytes
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      guard case .success(let index) = Self.read(damaged) else { continue }
      // Only the time, flags and system in a gzip header mean nothing.
      survived += 1
      #expect(index.entries == expected, "byte \(place)")
      #expect(index.record == record, "byte \(place)")
    }
    #expect(survived < 20)
  }

  @Test func theFirstBytesFlippedOneByOne() throws {
    let (bytes, record) = try #require(Self.good)
    let expected = try Fixture.index(of: Fixture.longest)
    for bit in 0..<(8 * 40) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      guard case .success(let index) = Self.read(damaged) else { continue }
      #expect(index.entries == expected, "bit \(bit)")
      #expect(index.record == record, "bit \(bit)")
    }
  }

  @Test func blocksOfZerosAsATornWriteLeavesThem() throws {
    let (bytes, _) = try #require(Self.good)
    for start in stride(from: 0, to: bytes.count, by: 4096) {
      var damaged = bytes
      for index in start..<min(start + 512, bytes.count) { damaged[index] = 0 }
      guard case .failure = Self.read(damaged) else {
        Issue.record("zeros at \(start) went unnoticed")
        continue
      }
    }
  }

  @Test func aMemberOfAnotherSnapshotIsNoticedByTheHash() throws {
    // Each gzip member is whole; only the record knows that they do not belong together.
    let one = try snapshot([Entry("etc/a", content: "one")])
    var other = try snapshot([Entry("etc/a", content: "two")])
    try #require(one.record.compressedSize == other.record.compressedSize)
    let border = Int(one.record.compressedSize)
    other.bytes.replaceSubrange(..<border, with: one.bytes.prefix(border))
    guard case .failure(.wrongSpanHash(at: 0)) = Self.read(other.bytes) else {
      Issue.record("taken for whole")
      return
    }
  }

  @Test func randomBytesUnpackedAreNeverMoreThanAnError() {
    var generator = SeededNumbers(seed: 3)
    for _ in 0..<2000 {
      // Blocks with a good checksum and random fields get past the first guard.
      var tar: [UInt8] = []
      for _ in 0..<4 {
        var block = generator.bytes(512)
        if Bool.random(using: &generator) { block.replaceSubrange(TarLayout.size, with: Array("00000000010\0".utf8)) }
        block[TarLayout.type] = Array("01234567LKxg".utf8).randomElement(using: &generator) ?? 48
        for field in [TarLayout.mode, TarLayout.uid, TarLayout.gid, TarLayout.modificationTime]
        where Bool.random(using: &generator) {
          block.replaceSubrange(field, with: [UInt8](repeating: 48, count: field.count))
        }
        tar += RawTar.sealed(block)
      }
      do { _ = try entries(ofTar: tar) } catch { #expect(error is ArchiveError) }
    }
  }
}
