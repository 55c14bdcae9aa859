import CDeflate

/// Compresses into gzip members, one after the other, with one compressor.
///
/// libdeflate compresses a member at once, from memory: so a member has `size` bytes at most, and what is added beyond
/// begins another one. Equal input gives equal bytes: its headers have no time and no name (libdeflate gzip_compress.c).
struct Deflater: ~Copyable {
  private let compressor: OpaquePointer
  private let input: OwnedBuffer
  private let compressed: OwnedBuffer
  private var filled = 0

  /// Bytes that one member holds at most, before they are compressed.
  static let size = 256 * 1024

  /// - Parameter level: 1 (fast) to 12 (small).
  /// - Throws: `ArchiveError.compressor` if there is no memory or no such level.
  init(level: Int32) throws {
    guard (1...12).contains(level), let compressor = libdeflate_alloc_compressor(level) else {
      throw ArchiveError.compressor("libdeflate has no compressor of level \(level)")
    }
    self.compressor = compressor
    input = OwnedBuffer(count: Self.size)
    compressed = OwnedBuffer(count: libdeflate_gzip_compress_bound(compressor, Self.size))
  }

  deinit { libdeflate_free_compressor(compressor) }

  /// Takes bytes in; returns how many bytes that wrote. Much stays here until the member ends.
  mutating func add(_ bytes: UnsafeRawBufferPointer, to output: inout some ArchiveOutput) throws -> UInt64 {
    var written: UInt64 = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      if filled == Self.size { written += try endMember(to: &output) }
      let part = rest.prefix(Self.size - filled)
      UnsafeMutableRawBufferPointer(rebasing: input.bytes[filled...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: part))
      filled += part.count
      rest = rest.dropFirst(part.count)
    }
    return written
  }

  /// Ends the member and makes ready for the next; returns how many bytes that wrote. Without a byte there is no member.
  mutating func endMember(to output: inout some ArchiveOutput) throws -> UInt64 {
    guard filled > 0 else { return 0 }
    let count = libdeflate_gzip_compress(
      compressor, input.bytes.baseAddress, filled, compressed.bytes.baseAddress, compressed.bytes.count)
    guard count > 0 else { throw ArchiveError.compressor("libdeflate did not keep to its bound") }
    try output.write(UnsafeRawBufferPointer(rebasing: compressed.bytes[..<count]))
    filled = 0
    return UInt64(count)
  }

  /// Forgets the member it is in.
  mutating func reset() { filled = 0 }
}
