import Crypto

/// Where an archive is written to: a file, or something that counts.
package protocol ArchiveOutput {
  /// Writes all of `bytes` at the end. The pointer is not good beyond the call.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Drops everything written beyond `position`, in bytes from where the archive began.
  mutating func truncate(to position: UInt64) throws
}

/// Hashes what is written on its way.
struct HashingOutput<Base: ArchiveOutput>: ArchiveOutput {
  var base: Base
  var hash = SHA256()

  init(_ base: Base) { self.base = base }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    hash.update(bufferPointer: bytes)
    try base.write(bytes)
  }

  mutating func truncate(to position: UInt64) throws { try base.truncate(to: position) }
}
