import Crypto
import LbudCore

/// The unpacked bytes on their way to the tar reader, hashed as they pass. A class, for the reader's closure and the end
/// both need it.
final class HashedTar {
  private var gzip: GzipReader
  private var hash: SHA256?

  init(source: @escaping GzipReader.Source, isHashed: Bool) throws {
    gzip = try GzipReader(source: source)
    hash = isHashed ? SHA256() : nil
  }

  /// - Parameter readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  convenience init(
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int, isHashed: Bool
  ) throws {
    try self.init(source: GzipReader.source(readAt: readAt), isHashed: isHashed)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try gzip.read(into: target)
    hash?.update(bufferPointer: UnsafeRawBufferPointer(rebasing: target[..<count]))
    return count
  }

  /// A tar ends before its file does; only the rest tells whether the gzip members are whole.
  func drain() throws {
    let buffer = OwnedBuffer()
    while try read(into: buffer.bytes) > 0 {}
  }

  /// Of what has passed so far.
  func digest() throws -> ContentDigest { try (hash ?? SHA256()).contentDigest() }

  /// - Throws: `ArchiveError.wrongTarHash`.
  func expectHash(of record: SnapshotRecord) throws {
    let found = try digest().hexadecimal
    guard found == record.tarSHA256 else {
      throw ArchiveError.wrongTarHash(recorded: record.tarSHA256, found: found)
    }
  }
}
