import LbudCore

/// Some of what a snapshot holds, with the content of files: for comparing it with what is there now.
package struct SnapshotContents: Sendable {
  /// How much content is kept in memory.
  package struct Limits: Sendable {
    /// Bytes of one file; the content of a larger one is not kept.
    package var file: UInt64
    /// Bytes of all files together; what is beyond is left for another reading.
    package var total: UInt64

    package init(file: UInt64, total: UInt64) {
      self.file = file
      self.total = max(file, total)
    }
  }

  package struct Entry: Sendable {
    /// A file's without its digest. That of a hard link is the file's.
    package var fingerprint: Fingerprint
    /// Seconds since 1970.
    package var modificationTime: Int64
    /// Nil for what is no file, what was not asked for, and what the limits left out.
    package var content: [UInt8]?

    /// Bytes of a file; 0 for everything else.
    package var size: UInt64 {
      if case .file(let size, _) = fingerprint.content { return size }
      return 0
    }
  }

  /// Of the paths asked for those that the snapshot holds.
  package var entries: [BytePath: Entry]

  package init(entries: [BytePath: Entry] = [:]) {
    self.entries = entries
  }

  /// Reads a whole snapshot once, as a stream; twice where a path asked for is a hard link to a file that was not.
  ///
  /// Of two entries of one name the later counts, as when the archive is unpacked.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - paths: what is told at all.
  ///   - directory: of which all is told too, itself among it.
  ///   - contentsOf: those of them whose content is kept, as far as the limits allow.
  ///   - counts: how much the snapshot may hold at all.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Throws: as `SnapshotIndex.read`, for damage anywhere in the snapshot.
  package static func read(
    fileSize: UInt64, paths: Set<BytePath>, inside directory: BytePath? = nil, contentsOf: Set<BytePath>,
    limits: Limits, counts: SnapshotIndex.Limits = .init(),
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotContents {
    let record = try SnapshotRecord.read(fileSize: fileSize, readAt: readAt)
    let wanted = ContentCollector(
      paths: paths, inside: directory, contentsOf: contentsOf, limits: limits, counts: counts)
    var collector = wanted
    try pass(record, readAt, &collector)
    if !collector.missingTargets.isEmpty {
      collector = collector.again()
      try pass(record, readAt, &collector)
    }
    try collector.expectAllTargets()
    return SnapshotContents(entries: collector.known.filter { wanted.wants($0.key) })
  }

  private static func pass(
    _ record: SnapshotRecord?, _ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int,
    _ collector: inout ContentCollector
  ) throws {
    let tar = try HashedTar(readAt: readAt, record: record)
    var reader = TarReader { try tar.read(into: $0) }
    while let member = try reader.next() {
      try collector.add(member, at: reader.position) { try reader.readWhole(size: $0) }
    }
    guard reader.hasEndMark else { throw ArchiveError.noEndMark(at: reader.position) }
    try tar.drain()
    try tar.expectWhole()
  }
}
