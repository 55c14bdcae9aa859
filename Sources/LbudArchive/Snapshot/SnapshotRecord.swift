/// What a snapshot says about itself, in the extra field of its last, empty gzip member (see `RecordMember`).
package struct SnapshotRecord: Hashable, Sendable {
  /// One gzip member: how many bytes it takes, and how many bytes of tar are in it.
  package struct Span: Hashable, Sendable {
    package var compressedSize: UInt64
    package var tarSize: UInt64

    package init(compressedSize: UInt64, tarSize: UInt64) {
      self.compressedSize = compressedSize
      self.tarSize = tarSize
    }
  }

  /// Raised only when older programs could no longer understand the record; new keys are no reason.
  package static let currentFormat = 1

  package var formatVersion = currentFormat
  package var facts: SnapshotFacts
  package var entryCount: Int
  /// Bytes of the unpacked tar, its end blocks among them.
  package var tarSize: UInt64
  /// Of the unpacked tar, lower-case hexadecimal.
  package var tarSHA256: String
  /// Bytes of the file before the record.
  package var compressedSize: UInt64
  /// Of the file before the record, in lower-case hexadecimal: it covers what gzip's checks and the tar's do not, such as the
  /// time in a gzip header. Nil in snapshots of an older lbud.
  package var compressedSHA256: String?
  /// The gzip members in their order, without the record's own. Nil in a snapshot of so many (some thousands: a tar of
  /// about 1 GB) that the table does not fit the extra field's 65,535 bytes.
  package var members: [Span]?

  package init(
    facts: SnapshotFacts, entryCount: Int, tarSize: UInt64, tarSHA256: String, compressedSize: UInt64,
    members: [Span]?
  ) {
    self.facts = facts
    self.entryCount = entryCount
    self.tarSize = tarSize
    self.tarSHA256 = tarSHA256
    self.compressedSize = compressedSize
    self.members = members
  }

  /// Reads the record from the end of a snapshot, without unpacking anything.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Returns: nil where the file has no record, as those made by lbu.
  /// - Throws: `ArchiveError.damagedRecord` where there is one but not whole, `.newerRecord`, and what `readAt` throws.
  package static func read(
    fileSize: UInt64, readAt: (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotRecord? {
    try RecordMember.read(fileSize: fileSize, readAt: readAt)
  }
}
