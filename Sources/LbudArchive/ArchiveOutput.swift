/// Where an archive is written to: a file, or something that counts.
package protocol ArchiveOutput {
  /// Writes all of `bytes` at the end. The pointer is not good beyond the call.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Drops everything written beyond `position`, in bytes from where the archive began.
  mutating func truncate(to position: UInt64) throws
}
