import CDeflate

/// Where an archive is written to: a file, or something that counts.
package protocol ArchiveOutput {
  /// Writes all of `bytes` at the end. The pointer is not good beyond the call.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Drops everything written beyond `position`, in bytes from where the archive began.
  mutating func truncate(to position: UInt64) throws
}

/// Sums what is written on its way.
struct SummedOutput<Base: ArchiveOutput>: ArchiveOutput {
  var base: Base
  var sum: UInt32 = 0

  init(_ base: Base) { self.base = base }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    sum = CRC32.update(sum, bytes)
    try base.write(bytes)
  }

  mutating func truncate(to position: UInt64) throws { try base.truncate(to: position) }
}

/// gzip's checksum (RFC 1952, 8): every single flipped bit shows, and any run of damage up to 32 bits.
package enum CRC32 {
  /// - Parameter sum: of what came before; 0 at the beginning.
  package static func update(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    libdeflate_crc32(sum, bytes.baseAddress, bytes.count)
  }
}
