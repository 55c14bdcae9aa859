import CDeflate

/// Unpacks gzip members at once, several times as fast as zlib does it in pieces: such as `Deflater` writes them, with
/// nothing in their headers and no longer than it makes them.
struct MemberInflater: ~Copyable {
  private let decompressor: OpaquePointer
  private let unpacked = OwnedBuffer(count: Deflater.size)
  /// What of it has not been taken yet.
  private var rest = 0..<0

  /// Bytes that a member has at most before it is unpacked: what does not compress is stored, with some bytes a block.
  static let longest = Deflater.size + Deflater.size / 64

  /// Nil where there is no memory.
  init?() {
    guard let decompressor = libdeflate_alloc_decompressor() else { return nil }
    self.decompressor = decompressor
  }

  deinit { libdeflate_free_decompressor(decompressor) }

  /// - Parameter bytes: the member, and what follows it.
  /// - Returns: how many of them the member has; nil where it is another one, or damaged.
  mutating func unpack(_ bytes: UnsafeRawBufferPointer) -> Int? {
    // With flags there would be more in the header, which libdeflate passes over unchecked.
    guard bytes.count > 18, bytes[3] == 0 else { return nil }
    var (taken, count) = (0, 0)
    let result = libdeflate_gzip_decompress_ex(
      decompressor, bytes.baseAddress, bytes.count, unpacked.bytes.baseAddress, unpacked.bytes.count, &taken, &count)
    guard result == LIBDEFLATE_SUCCESS else { return nil }
    rest = 0..<count
    return taken
  }

  /// - Returns: how many bytes; 0 when all have been taken.
  mutating func take(into target: UnsafeMutableRawBufferPointer) -> Int {
    let part = UnsafeRawBufferPointer(rebasing: unpacked.bytes[rest].prefix(target.count))
    target.copyMemory(from: part)
    rest = (rest.lowerBound + part.count)..<rest.upperBound
    return part.count
  }
}
