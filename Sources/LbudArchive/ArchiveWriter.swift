import Crypto
import LbudCore

/// Writes a snapshot as a stream: a tar in gzip members, then the record.
///
/// The caller gives the entries in their order (sorted; see the design); the same entries give the same tar bytes, and with
/// the same marks and spans the same compressed bytes. A span is a run of whole entries in gzip members of its own, that a
/// later snapshot can take over as it is. The writer takes some 64 KiB of buffer and what libdeflate needs (about 1.3 MiB).
package struct ArchiveWriter<Output: ArchiveOutput>: ~Copyable {
  /// A place between two entries that `rewind` can go back to.
  package struct Mark: Sendable {
    fileprivate let progress: Progress
    fileprivate let spanCount: Int
  }

  fileprivate struct Progress: Sendable {
    /// Compressed bytes written.
    var position: UInt64 = 0
    var tarSize: UInt64 = 0
    var entryCount = 0
    var span = OpenSpan()
    /// Of the span's compressed bytes; as of the mark, once the output has gone on.
    var sum: UInt32 = 0
  }

  /// The span that is being written.
  fileprivate struct OpenSpan: Sendable {
    var compressedSize: UInt64 = 0
    var tarSize: UInt64 = 0
    var tarHash = SHA256()
  }

  private var output: SummedOutput<Output>
  private var deflater: Deflater
  private let buffer = OwnedBuffer()
  private var spanSize: UInt64
  private var progress = Progress()
  private var spans: [SnapshotRecord.Span] = []
  private var isBroken = false

  /// - Parameters:
  ///   - spanSize: a span ends at the first border between entries after so many bytes of tar.
  ///   - level: 1 (fast) to 12 (small).
  /// - Throws: `ArchiveError.compressor` if there is no memory or no such level.
  package init(output: consuming Output, spanSize: Int = SnapshotRecord.smallestSpan, level: Int32 = 6) throws {
    self.output = SummedOutput(output)
    self.spanSize = UInt64(clamping: spanSize)
    deflater = try Deflater(level: level)
  }

  /// Bytes of the tar written so far, before compression.
  package var tarSize: UInt64 { progress.tarSize }

  /// Entries written so far.
  package var entryCount: Int { progress.entryCount }

  /// Spans that are whole.
  package var spanCount: Int { spans.count }

  /// Writes an entry without content: all but files, and files of size 0.
  /// - Throws: `ArchiveError.unwritable` (nothing was written), `.needsRewind`, and whatever the output throws.
  package mutating func append(_ member: Member) throws {
    if case .file(let size) = member.body, size > 0 {
      throw ArchiveError.unwritable(path: member.path, reason: "its \(size) bytes of content are missing")
    }
    try appendEntry(member) { (_) throws in }
  }

  /// Writes a file. `read` fills the buffer and returns how many bytes it put there, 0 at the end.
  ///
  /// A file can change between the `stat` that gave its size and the reading: then this throws, and the archive is to be
  /// rewound to a mark taken before.
  /// - Returns: the SHA-256 of the content.
  /// - Throws: `ArchiveError.shortContent` or `.longContent` if the content has not exactly the size announced,
  ///   `.unwritable` (nothing was written), `.needsRewind`, and whatever `read` and the output throw.
  package mutating func append(
    _ member: Member, reading read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> ContentDigest {
    guard case .file(let size) = member.body else {
      throw ArchiveError.unwritable(path: member.path, reason: "only files have content")
    }
    var hash = SHA256()
    try appendEntry(member) { (writer: inout ArchiveWriter) throws in
      try writer.addContent(of: member.path, size: size, hash: &hash, reading: read)
    }
    return try hash.contentDigest()
  }

  /// Takes spans over from another snapshot, as they are there. Their bytes are not looked at here: whoever copies them sees
  /// that they are what the spans say, then or by `SnapshotRecord.check`.
  /// - Parameters:
  ///   - entryCount: how many entries they have.
  ///   - write: appends them to the output.
  /// - Throws: `ArchiveError.needsRewind`, and whatever `write` and the output throw. Then the archive is of no more use.
  package mutating func copy(
    _ spans: some Collection<SnapshotRecord.Span>, entryCount: Int, by write: (inout Output) throws -> Void
  ) throws {
    try endSpan()
    isBroken = true
    try write(&output.base)
    for span in spans {
      progress.position += span.compressedSize
      progress.tarSize += span.tarSize
      self.spans.append(span)
    }
    progress.entryCount += entryCount
    isBroken = false
  }

  /// Ends the current gzip member, if it holds anything, and remembers the place.
  ///
  /// Each mark costs some compression, as a member begins with an empty dictionary: mark before files that may change
  /// while they are read, not before every small one.
  /// - Throws: `ArchiveError.needsRewind` and whatever the output throws.
  package mutating func mark() throws -> Mark {
    guard !isBroken else { throw ArchiveError.needsRewind }
    isBroken = true
    try endMember()
    isBroken = false
    var progress = self.progress
    progress.sum = output.sum
    return Mark(progress: progress, spanCount: spans.count)
  }

  /// Goes back to `mark`: what was written since is gone, also after an append that failed half-way.
  /// - Throws: `ArchiveError.staleMark` for a mark beyond the end, and whatever the output throws.
  package mutating func rewind(to mark: Mark) throws {
    guard mark.spanCount <= spans.count, mark.progress.position <= progress.position else {
      throw ArchiveError.staleMark
    }
    isBroken = true
    deflater.reset()
    try output.base.truncate(to: mark.progress.position)
    output.sum = mark.progress.sum
    progress = mark.progress
    spans.removeSubrange(mark.spanCount...)
    isBroken = false
  }

  /// Ends the current span, if it holds anything.
  /// - Throws: `ArchiveError.needsRewind` and whatever the output throws.
  package mutating func endSpan() throws {
    guard !isBroken else { throw ArchiveError.needsRewind }
    guard progress.span.tarSize > 0 else { return }
    isBroken = true
    try endMember()
    spans.append(
      SnapshotRecord.Span(
        compressedSize: progress.span.compressedSize, tarSize: progress.span.tarSize,
        proof: .init(sum: output.sum, tarSHA256: try progress.span.tarHash.contentDigest())))
    output.sum = 0
    progress.span = OpenSpan()
    if SnapshotRecord.isCrowded(spans.count) { spanSize = spanSize &* 2 }
    isBroken = false
  }

  /// Writes the tar's end, in a span of its own, and the record.
  /// - Throws: `ArchiveError.needsRewind` and whatever the output throws.
  package consuming func finish(_ facts: SnapshotFacts) throws -> (Output, SnapshotRecord) {
    try endSpan()
    try addZeros(2 * TarLayout.blockSize)
    try endSpan()
    let record = SnapshotRecord(
      facts: facts, entryCount: progress.entryCount, tarSize: progress.tarSize, compressedSize: progress.position,
      spans: spans)
    let encoded = try RecordMember.encode(record)
    try encoded.bytes.withUnsafeBytes { try output.base.write($0) }
    return (output.base, encoded.record)
  }

  private mutating func appendEntry(
    _ member: Member, content: (inout ArchiveWriter) throws -> Void
  ) throws {
    guard !isBroken else { throw ArchiveError.needsRewind }
    let headers = try TarEncoder.headers(of: member)
    isBroken = true
    try headers.withUnsafeBytes { try add($0) }
    try content(&self)
    progress.entryCount += 1
    isBroken = false
    if progress.span.tarSize >= spanSize { try endSpan() }
  }

  private mutating func addContent(
    of path: BytePath, size: UInt64, hash: inout SHA256, reading read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    var left = size
    while left > 0 {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes.prefix(Int(clamping: left)))
      let count = try read(room)
      guard count > 0 else {
        throw ArchiveError.shortContent(path: path, announced: size, delivered: size - left)
      }
      guard count <= room.count else { throw ArchiveError.longContent(path: path, announced: size) }
      let chunk = UnsafeRawBufferPointer(rebasing: room[..<count])
      hash.update(bufferPointer: chunk)
      try add(chunk)
      left -= UInt64(count)
    }
    // Only reading on tells that the file did not grow.
    guard try read(buffer.bytes) <= 0 else { throw ArchiveError.longContent(path: path, announced: size) }
    try addZeros(TarLayout.padding(after: size))
  }

  private mutating func addZeros(_ count: Int) throws {
    let zeros = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count])
    zeros.initializeMemory(as: UInt8.self, repeating: 0)
    try add(UnsafeRawBufferPointer(zeros))
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
    progress.span.tarHash.update(bufferPointer: bytes)
    progress.span.tarSize += UInt64(bytes.count)
    progress.tarSize += UInt64(bytes.count)
    count(try deflater.add(bytes, to: &output))
  }

  private mutating func endMember() throws { count(try deflater.endMember(to: &output)) }

  private mutating func count(_ written: UInt64) {
    progress.span.compressedSize += written
    progress.position += written
  }
}
