import LbudArchive

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where an archive's bytes go: an open file, written in order. The caller keeps the descriptor open.
struct FileOutput: ArchiveOutput {
  let raw: Int32
  let path: String

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let part = rest
      let count = try retrying("write", path) { systemWrite(raw, part) }
      guard count > 0 else { throw FileError("write", path, code: EIO) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  mutating func truncate(to position: UInt64) throws {
    try retrying("cut", path) { ftruncate(raw, off_t(position)) }
    try retrying("write", path) { lseek(raw, off_t(position), SEEK_SET) }
  }
}
