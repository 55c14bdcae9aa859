import LbudCore

/// What a snapshot holds, as the journal compares it: a hard link has the fingerprint of the file it links to.
package struct SnapshotIndex: Sendable {
  package var entries: SavedEntries
  package var record: SnapshotRecord?

  package init(entries: SavedEntries = [:], record: SnapshotRecord? = nil) {
    self.entries = entries
    self.record = record
  }

  /// How much a snapshot may hold before it is taken for a hostile one. The defaults are far beyond any real /etc.
  package struct Limits: Sendable {
    package var entries: Int
    /// Bytes of all paths and link targets together.
    package var names: Int

    package init(entries: Int = 2_000_000, names: Int = 256 * 1024 * 1024) {
      self.entries = entries
      self.names = names
    }
  }

  /// Reads a whole snapshot once, as a stream, hashing each file's content.
  ///
  /// Of two entries of one name the later counts, as when the archive is unpacked.
  /// - Parameters:
  ///   - record: the snapshot's own, where it has one: then the tar must be the one whose hash it holds.
  ///   - isQuick: whether spans are compared by the CRC-32 of their compressed bytes and not by their SHA-256.
  ///   - source: fills the buffer it is given and returns how many bytes it put there, 0 at the end of the file.
  /// - Throws: `ArchiveError` for anything wrong with the archive, among them `.noEndMark` for a tar cut between two
  ///   entries and `.wrongTarHash` or `.wrongSpanHash`; and whatever the source throws.
  package static func read(
    record: SnapshotRecord? = nil, limits: Limits = Limits(), isQuick: Bool = false,
    source: @escaping GzipReader.Source
  ) throws -> SnapshotIndex {
    let tar = try HashedTar(source: source, record: record, isQuick: isQuick)
    var reader = TarReader { try tar.read(into: $0) }
    var builder = IndexBuilder(limits: limits, spans: record?.spans ?? [])
    while let member = try reader.next() {
      try builder.add(member, from: reader.entryStart, at: reader.position) { try reader.digest() }
    }
    guard reader.hasEndMark else { throw ArchiveError.noEndMark(at: reader.position) }
    try tar.drain()
    try tar.expectWhole()
    return SnapshotIndex(entries: builder.finish(), record: record)
  }

  /// Reads the record, if there is one, and then the whole snapshot.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Throws: as `SnapshotRecord.read` and `read(record:limits:isQuick:source:)`.
  package static func read(
    fileSize: UInt64, limits: Limits = Limits(), isQuick: Bool = false,
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotIndex {
    let record = try SnapshotRecord.read(fileSize: fileSize, readAt: readAt)
    return try read(record: record, limits: limits, isQuick: isQuick, source: GzipReader.source(readAt: readAt))
  }
}
