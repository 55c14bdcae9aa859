import Crypto
import LbudCore

extension SnapshotRecord {
  /// Reads a whole snapshot and checks it against its record: the gzip members' own checks, the SHA-256 of the tar, and what
  /// there is of the compressed bytes.
  /// Nothing is kept, so that a commit can check what it wrote in a few buffers of memory.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - copied: spans that were checked when they were made, and copied since: of these only the compressed bytes are
  ///     checked.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Returns: the record; nil where there is none, and then nothing has been checked.
  /// - Throws: `ArchiveError`, and whatever `readAt` throws.
  package static func check(
    fileSize: UInt64, copied: Set<Int> = [],
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotRecord? {
    guard let record = try read(fileSize: fileSize, readAt: readAt) else { return nil }
    if record.tarSHA256 != nil { try record.checkWhole(readAt) } else { try record.checkSpans(copied, readAt) }
    return record
  }

  /// Format 1.
  private func checkWhole(_ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int) throws {
    let bytes = PartReader(0..<compressedSize, readAt)
    var hash = SHA256()
    let source: GzipReader.Source = { target in
      let count = try bytes.read(into: target)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: target[..<count]))
      return count
    }
    let tar = try HashedTar(source: source, record: self)
    try tar.drain()
    try tar.expectWhole()
    if let compressedSHA256, try hash.contentDigest().hexadecimal != compressedSHA256 {
      throw ArchiveError.wrongFileHash
    }
  }

  private func checkSpans(
    _ copied: Set<Int>, _ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    var (compressed, tar): (UInt64, UInt64) = (0, 0)
    let buffer = OwnedBuffer()
    for (index, span) in (spans ?? []).enumerated() {
      let (end, overflow) = compressed.addingReportingOverflow(span.compressedSize)
      guard !overflow, end <= compressedSize, let proof = span.proof else {
        throw ArchiveError.damagedRecord("its spans are not those of the file")
      }
      let bytes = PartReader(compressed..<end, readAt)
      if copied.contains(index) {
        while try bytes.read(into: buffer.bytes) > 0 {}
      } else {
        let found = try Self.unpackedHash(bytes, startingAt: compressed, buffer)
        guard found == proof.tarSHA256 else { throw ArchiveError.wrongSpanHash(at: tar) }
      }
      guard bytes.sum == proof.sum, bytes.isAtEnd else { throw ArchiveError.wrongFileHash }
      (compressed, tar) = (end, tar.addingReportingOverflow(span.tarSize).partialValue)
    }
    guard compressed == compressedSize, tar == tarSize else {
      throw ArchiveError.damagedRecord("its spans are not those of the file")
    }
  }

  private static func unpackedHash(
    _ bytes: PartReader, startingAt start: UInt64, _ buffer: borrowing OwnedBuffer
  ) throws -> ContentDigest {
    var gzip = try GzipReader(startingAt: start) { try bytes.read(into: $0) }
    var hash = SHA256()
    while true {
      let count = try gzip.read(into: buffer.bytes)
      if count == 0 { return try hash.contentDigest() }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
    }
  }
}
