import Crypto
import LbudCore

extension SnapshotRecord {
  /// Reads a whole snapshot and checks it against its record: the gzip members' own checks, and the
  /// SHA-256 of the tar and of the file.
  /// Nothing is kept, so that a commit can check what it wrote in a few buffers of memory.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Returns: the record; nil where there is none, and then nothing has been checked.
  /// - Throws: `ArchiveError`, and whatever `readAt` throws.
  package static func check(
    fileSize: UInt64, readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotRecord? {
    guard let record = try read(fileSize: fileSize, readAt: readAt) else { return nil }
    var offset: UInt64 = 0
    var hash = SHA256()
    let source: GzipReader.Source = { target in
      let room = UnsafeMutableRawBufferPointer(
        rebasing: target.prefix(Int(clamping: record.compressedSize - min(offset, record.compressedSize))))
      guard !room.isEmpty else { return 0 }
      let count = max(0, min(try readAt(offset, room), room.count))
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: room[..<count]))
      offset += UInt64(count)
      return count
    }
    let tar = try HashedTar(source: source, isHashed: true)
    try tar.drain()
    try tar.expectHash(of: record)
    if let recorded = record.compressedSHA256, try hash.contentDigest().hexadecimal != recorded {
      throw ArchiveError.wrongFileHash
    }
    return record
  }
}
