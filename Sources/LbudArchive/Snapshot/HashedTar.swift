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
  private let sums: SpanSums?

  /// - Parameters:
  ///   - record: what it is compared with.
  ///   - isHashed: whether somebody asks for the digest of all.
  ///   - isQuick: whether spans are compared by the CRC-32 of their compressed bytes, which with gzip's own checks is
  ///     enough to notice damage.
  init(
    source: @escaping GzipReader.Source, record: SnapshotRecord?, isHashed: Bool = false, isQuick: Bool = false
  ) throws {
    let proven = record.flatMap { $0.tarSHA256 == nil ? $0.spans ?? [] : nil }
    let sums = isQuick ? proven.map { SpanSums($0) } : nil
    gzip = try GzipReader(isOwn: proven != nil) { target in
      let count = try source(target)
      try sums?.take(UnsafeRawBufferPointer(rebasing: target.prefix(max(0, count))))
      return count
    }
    self.record = record
    self.sums = sums
    spans = sums == nil ? proven.map { SpanHashes($0) } : nil
    whole = isHashed || (proven == nil && record != nil) ? SHA256() : nil
  }

  /// - Parameter readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  convenience init(
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int, record: SnapshotRecord?,
    isHashed: Bool = false, isQuick: Bool = false
  ) throws {
    try self.init(source: GzipReader.source(readAt: readAt), record: record, isHashed: isHashed, isQuick: isQuick)
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
    if let sums { return try sums.expectEnd() }
    if let spans { return try spans.expectEnd() }
    guard let recorded = record?.tarSHA256 else { return }
    let found = try digest().hexadecimal
    guard found == recorded else { throw ArchiveError.wrongTarHash(recorded: recorded, found: found) }
  }
}

/// Compares the compressed bytes that pass with the sum of each span. A class, for the reader's closure needs it.
private final class SpanSums {
  private var rest: ArraySlice<SnapshotRecord.Span>
  private var sum: UInt32 = 0
  private var taken: UInt64 = 0

  init(_ spans: [SnapshotRecord.Span]) { rest = spans[...] }

  func take(_ bytes: UnsafeRawBufferPointer) throws {
    var bytes = bytes[...]
    // What is behind the last span is the record's own member.
    while !bytes.isEmpty, let span = rest.first {
      let part = bytes.prefix(Int(clamping: span.compressedSize - taken))
      sum = CRC32.update(sum, UnsafeRawBufferPointer(rebasing: part))
      taken += UInt64(part.count)
      bytes = bytes.dropFirst(part.count)
      guard taken == span.compressedSize else { return }
      guard sum == span.proof?.sum else { throw ArchiveError.wrongFileHash }
      (sum, taken, rest) = (0, 0, rest.dropFirst())
    }
  }

  func expectEnd() throws {
    guard rest.isEmpty else { throw ArchiveError.damagedRecord("its spans are not those of the file") }
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
