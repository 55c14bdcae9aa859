import Crypto
import LbudCore

/// The unpacked bytes on their way to the tar reader, hashed as they pass, and compared with what the record says. A class,
/// for the reader's closure and the end both need it.
final class HashedTar {
  private var gzip: GzipReader
  private let record: SnapshotRecord?
  /// Of everything: where somebody asks for it, or the record has no hash for each span.
  private var whole: SHA256?
  private var spans: SpanHashes?

  /// - Parameters:
  ///   - record: what it is compared with.
  ///   - isHashed: whether somebody asks for the digest of all.
  init(source: @escaping GzipReader.Source, record: SnapshotRecord?, isHashed: Bool = false) throws {
    gzip = try GzipReader(source: source)
    self.record = record
    spans = record.flatMap { $0.tarSHA256 == nil ? SpanHashes($0.spans ?? []) : nil }
    whole = isHashed || (spans == nil && record != nil) ? SHA256() : nil
  }

  /// - Parameter readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  convenience init(
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int, record: SnapshotRecord?,
    isHashed: Bool = false
  ) throws {
    try self.init(source: GzipReader.source(readAt: readAt), record: record, isHashed: isHashed)
  }

  /// - Throws: `ArchiveError.wrongSpanHash` as soon as a span has passed that is not what it was, and as `GzipReader`.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try gzip.read(into: target)
    let bytes = UnsafeRawBufferPointer(rebasing: target[..<count])
    whole?.update(bufferPointer: bytes)
    try spans?.take(bytes)
    return count
  }

  /// A tar ends before its file does; only the rest tells whether the gzip members are whole.
  func drain() throws {
    let buffer = OwnedBuffer()
    while try read(into: buffer.bytes) > 0 {}
  }

  /// Of what has passed so far.
  func digest() throws -> ContentDigest { try (whole ?? SHA256()).contentDigest() }

  /// Says at the end whether it was what the record says.
  /// - Throws: `ArchiveError.wrongTarHash`, `.wrongSpanHash`.
  func expectWhole() throws {
    if let spans { return try spans.expectEnd() }
    guard let recorded = record?.tarSHA256 else { return }
    let found = try digest().hexadecimal
    guard found == recorded else { throw ArchiveError.wrongTarHash(recorded: recorded, found: found) }
  }
}

/// Compares what passes with the hash of each span.
private struct SpanHashes {
  private var rest: ArraySlice<SnapshotRecord.Span>
  private var hash = SHA256()
  /// Bytes of the current span so far, and before it.
  private var taken: UInt64 = 0
  private var start: UInt64 = 0

  init(_ spans: [SnapshotRecord.Span]) { rest = spans[...] }

  mutating func take(_ bytes: UnsafeRawBufferPointer) throws {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      guard let span = rest.first, span.tarSize > taken else { throw ArchiveError.wrongSpanHash(at: start) }
      let part = bytes.prefix(Int(clamping: span.tarSize - taken))
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: part))
      taken += UInt64(part.count)
      bytes = bytes.dropFirst(part.count)
      if taken == span.tarSize { try end(span) }
    }
  }

  private mutating func end(_ span: SnapshotRecord.Span) throws {
    let found = try hash.contentDigest()
    guard found == span.proof?.tarSHA256 else { throw ArchiveError.wrongSpanHash(at: start) }
    hash = SHA256()
    start += taken
    taken = 0
    rest = rest.dropFirst()
  }

  func expectEnd() throws {
    guard rest.isEmpty, taken == 0 else { throw ArchiveError.wrongSpanHash(at: start) }
  }
}
