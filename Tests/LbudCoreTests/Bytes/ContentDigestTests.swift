import LbudCore
import Testing

@Suite("Content digests")
struct ContentDigestTests {
  static let ascending = (0..<32).map { UInt8($0) }

  @Test("only 32 bytes are a digest", arguments: [0, 1, 20, 31, 33, 64])
  func wrongLengths(count: Int) {
    #expect(ContentDigest([UInt8](repeating: 7, count: count)) == nil)
  }

  @Test func theBytesComeBackInOrder() throws {
    let digest = try #require(ContentDigest(Self.ascending))
    #expect(digest.bytes == Self.ascending)
    #expect(digest.hexadecimal == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
  }

  @Test("a difference in any byte is a difference", arguments: 0..<32)
  func everyByteCounts(index: Int) throws {
    var other = Self.ascending
    other[index] ^= 0x80
    let digest = try #require(ContentDigest(Self.ascending))
    let changed = try #require(ContentDigest(other))
    #expect(digest != changed)
    // A hash that looks at one word only must not take the place of comparing.
    #expect(Set([digest, changed]).count == 2)
  }
}
