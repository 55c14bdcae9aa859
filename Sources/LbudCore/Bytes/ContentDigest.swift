/// A SHA-256, stored in place so that a table of sixty thousand files allocates nothing for them.
package struct ContentDigest: Hashable, Sendable {
  package let words: (UInt64, UInt64, UInt64, UInt64)

  package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Nil unless there are exactly 32 bytes.
  package init?(_ bytes: some Sequence<UInt8>) {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let count = withUnsafeMutableBytes(of: &words) { target -> Int in
      var count = 0
      for byte in bytes {
        guard count < 32 else { return 33 }
        target[count] = byte
        count += 1
      }
      return count
    }
    guard count == 32 else { return nil }
    self.words = words
  }

  /// Nil unless there are exactly 32 bytes.
  package init?(memory: UnsafeRawBufferPointer) {
    guard memory.count == 32 else { return nil }
    func word(_ index: Int) -> UInt64 { memory.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
    words = (word(0), word(1), word(2), word(3))
  }

  package var bytes: [UInt8] {
    withUnsafeBytes(of: words) { Array($0) }
  }

  package var hexadecimal: String { LbudCore.hexadecimal(bytes) }

  package static func == (left: ContentDigest, right: ContentDigest) -> Bool {
    left.words == right.words
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
  }
}
