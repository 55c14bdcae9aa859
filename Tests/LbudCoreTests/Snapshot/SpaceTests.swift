import Testing

@testable import LbudCore

/// What a snapshot takes, and which old ones make room for it.
@Suite struct SpaceTests {
  @Test func eachFileTakesWholeBlocksAndNamesTakeSomeToo() {
    #expect(SpaceNeed(files: []).bytes(block: 4096) == 4 * 4096)
    #expect(SpaceNeed(files: [1, 4096, 4097]).bytes(block: 4096) == 8 * 4096)
    #expect(SpaceNeed(files: [5]).bytes(block: 0) == 4 + 5)
    #expect(SpaceNeed(files: [.max, 1]).bytes(block: 4096) == .max)
    #expect(SpaceNeed(files: [.max - 5000, .max - 5000]).bytes(block: 4096) == .max)
  }

  @Test func theBoundIsNeverBelowWhatTarMakes() {
    #expect(SpaceNeed.tarBytes(nameLength: 10, contentSize: 0) >= 512)
    #expect(SpaceNeed.tarBytes(nameLength: 10, contentSize: 513) >= 512 + 1024)
    #expect(SpaceNeed.tarBytes(nameLength: 4000, contentSize: 0) >= 512 * 3 + 4096)
    #expect(SpaceNeed.tarBytes(nameLength: 10, contentSize: .max) == .max)
    #expect(SpaceNeed.archiveBound(tarBytes: .max) == .max)
  }

  @Test func theOldestGoAndNoMoreThanItTakes() {
    let removable: [(name: [UInt8], size: UInt64)] = [([1], 10_000), ([2], 0), ([3], 5000), ([4], 1)]
    func gone(_ missing: UInt64) -> [UInt8] {
      Retention.toMakeRoom(removable, missing: missing, block: 4096).map { $0[0] }
    }
    #expect(gone(1) == [1])
    #expect(gone(8192) == [1])
    #expect(gone(8193) == [1, 2, 3])
    #expect(gone(8192 + 4096 + 1) == [1, 2, 3, 4])
    // All together are not enough: then none goes.
    #expect(gone(1_000_000) == [])
    #expect(Retention.toMakeRoom([], missing: 1, block: 4096).isEmpty)
  }

  @Test(arguments: [
    (UInt64(0), "0 B"), (999, "999 B"), (1000, "1 kB"), (1001, "2 kB"), (412_000, "412 kB"), (12_345_678, "12.3 MB"),
  ])
  func sizesAreShownAsLbuctlShowsThem(bytes: UInt64, text: String) { #expect(SpaceNeed.shown(bytes) == text) }
}
