import LbudCore

/// What can be wrong with an archive, or with what was to be written into one. Positions are bytes from the start of the
/// compressed file where the case is about gzip, and of the unpacked tar where it is about tar.
package enum ArchiveError: Error, Hashable, Sendable {
  // Compressed bytes.
  case notGzip
  /// The file ends inside a gzip member, or where one was to begin; an empty file does so at byte 0.
  case cutGzip(at: UInt64)
  case damagedGzip(at: UInt64, reason: String)
  /// Something other than a gzip member or zeros follows the last member.
  case trailingGarbage(at: UInt64)
  case zlib(String)
  case compressor(String)

  // The tar in them.
  case notTar
  /// `path` is nil in a header, where no name is known yet.
  case cutTar(path: BytePath?, at: UInt64)
  /// The tar stops between two entries with no zero block: what was there once may be lost.
  case noEndMark(at: UInt64)
  case badEntry(path: BytePath?, reason: String, at: UInt64)
  case unsupportedType(path: BytePath, type: UInt8, at: UInt64)
  case tooManyEntries(limit: Int)
  case namesTooLong(limit: Int)
  /// Of the files whose content is held in memory, all together.
  case keptTooLong(limit: Int)

  // Writing.
  case shortContent(path: BytePath, announced: UInt64, delivered: UInt64)
  case longContent(path: BytePath, announced: UInt64)
  case unwritable(path: BytePath, reason: String)
  /// An append failed half-way: the writer takes nothing more until it is rewound.
  case needsRewind
  case staleMark

  // The record.
  case damagedRecord(String)
  /// Written by a newer lbud.
  case newerRecord(formatVersion: Int)
  case wrongTarHash(recorded: String, found: String)
  /// The same of one span.
  case wrongSpanHash(at: UInt64)
  /// What is in the file is what was written, and yet the file is not.
  case wrongFileHash

  /// The hash function gave something that is no SHA-256.
  case unexpectedDigest
}

extension ArchiveError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notGzip: "not a gzip file"
    case .cutGzip(at: 0): "the file is empty"
    case .cutGzip(let position): "the archive ends in the middle of a gzip member, at byte \(position) of the archive"
    case .damagedGzip(let position, let reason): "damaged gzip data (\(reason)) at byte \(position) of the archive"
    case .trailingGarbage(let position):
      "something that is no gzip member follows the last one at byte \(position) of the archive"
    case .zlib(let reason): "zlib: \(reason)"
    case .compressor(let reason): reason
    case .notTar: "not a tar archive"
    case .cutTar(let path, let position):
      Self.prefix(path) + "the archive ends in the middle of "
        + (path == nil ? "a header" : "this entry") + ", at byte \(position) of the unpacked archive"
    case .noEndMark(let position):
      "the archive has no end mark: it was cut between two entries, at byte \(position) of the unpacked archive"
    case .badEntry(let path, let reason, let position):
      Self.prefix(path) + "\(reason) at byte \(position) of the unpacked archive"
    case .unsupportedType(let path, let type, let position):
      "\(path.display): an entry of type '\(displayText(of: [type]))' cannot be read"
        + " at byte \(position) of the unpacked archive"
    case .tooManyEntries(let limit): "the archive holds more than \(limit) entries"
    case .namesTooLong(let limit): "the names in the archive take more than \(limit) bytes"
    case .keptTooLong(let limit): "the lists of rules in the archive take more than \(limit) bytes"
    case .shortContent(let path, let announced, let delivered):
      "\(path.display): ended after \(delivered) of \(announced) bytes while it was read"
    case .longContent(let path, let announced): "\(path.display): grew beyond \(announced) bytes while it was read"
    case .unwritable(let path, let reason): "\(path.display): cannot be put into an archive: \(reason)"
    case .needsRewind: "the archive is not whole since an entry failed: it must be rewound to a mark"
    case .staleMark: "the mark lies beyond the end of the archive"
    case .damagedRecord(let reason): "the snapshot's record is damaged: \(reason)"
    case .newerRecord(let version):
      "the snapshot's record has format \(version), this program knows \(SnapshotRecord.currentFormat)"
    case .unexpectedDigest: "the hash function gave no SHA-256"
    case .wrongTarHash(let recorded, let found):
      "the content is not what the snapshot's record says: SHA-256 is \(found), recorded is \(recorded)"
    case .wrongSpanHash(let position):
      "the content is not what the snapshot's record says, in the span at byte \(position) of the unpacked archive"
    case .wrongFileHash:
      "bytes that mean nothing, in a gzip header or between two members, are not what was written; all else is"
    }
  }

  private static func prefix(_ path: BytePath?) -> String {
    path.map { $0.display + ": " } ?? ""
  }
}
