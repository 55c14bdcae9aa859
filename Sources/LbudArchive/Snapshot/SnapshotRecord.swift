import Crypto
import LbudCore

/// What a snapshot says about itself, in the extra field of its last, empty gzip member (see `RecordMember`).
package struct SnapshotRecord: Hashable, Sendable {
  /// A run of whole entries in gzip members of its own; in format 1 it is one member. The tar's end is the last one.
  package struct Span: Hashable, Sendable {
    package var compressedSize: UInt64
    /// Bytes of tar that are in it.
    package var tarSize: UInt64
    /// Nil in format 1.
    package var proof: Proof?

    package init(compressedSize: UInt64, tarSize: UInt64, proof: Proof? = nil) {
      self.compressedSize = compressedSize
      self.tarSize = tarSize
      self.proof = proof
    }
  }

  /// By which a span is known to be what it was when it was made.
  package struct Proof: Hashable, Sendable {
    /// CRC-32 of its compressed bytes. It also covers what gzip's own checks do not, such as the time in a header.
    package var sum: UInt32
    /// Of its tar bytes.
    package var tarSHA256: ContentDigest

    package init(sum: UInt32, tarSHA256: ContentDigest) {
      self.sum = sum
      self.tarSHA256 = tarSHA256
    }
  }

  /// Raised only when older programs could no longer understand the record; new keys are no reason.
  package static let currentFormat = 2

  package var formatVersion = currentFormat
  package var facts: SnapshotFacts
  package var entryCount: Int
  /// Bytes of the unpacked tar, its end blocks among them.
  package var tarSize: UInt64
  /// Of the unpacked tar, lower-case hexadecimal, in format 1. To copy spans one must not have to read them all again, so
  /// that format 2 has a hash for each.
  package var tarSHA256: String?
  /// Bytes of the file before the record.
  package var compressedSize: UInt64
  /// Of the file before the record, in lower-case hexadecimal. Nil in format 2, and in snapshots of the first lbud.
  package var compressedSHA256: String?
  /// In their order, without the record's own member. Nil in format 1 where the table did not fit.
  package var spans: [Span]?

  package init(
    facts: SnapshotFacts, entryCount: Int, tarSize: UInt64, tarSHA256: String? = nil, compressedSize: UInt64,
    spans: [Span]?
  ) {
    self.facts = facts
    self.entryCount = entryCount
    self.tarSize = tarSize
    self.tarSHA256 = tarSHA256
    self.compressedSize = compressedSize
    self.spans = spans
  }

  /// Two snapshots with the same identity hold the same, times included; in format 2 only where they are cut into the same
  /// spans, as one that was made of the other is.
  package var identity: String {
    if let tarSHA256 { return tarSHA256 }
    var hash = SHA256()
    for span in spans ?? [] { hash.update(data: span.proof?.tarSHA256.bytes ?? []) }
    return hexadecimal(Array(hash.finalize()))
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

// MARK: How large spans are

extension SnapshotRecord {
  /// In bytes of tar. Smaller ones would compress worse, larger ones cost more when something in them changes.
  package static let smallestSpan = 64 * 1024

  /// How large spans are to be, so that their table fits the record.
  /// - Parameter tarSize: bytes that the whole tar will have, more or less.
  package static func spanSize(tarSize: UInt64) -> Int {
    let smallest = UInt64(smallestSpan)
    return Int(clamping: max(smallest, (tarSize / 400 / smallest + 1) * smallest))
  }

  /// Whether spans have to become larger, since there are more than was thought.
  static func isCrowded(_ count: Int) -> Bool { count >= 560 && count % 16 == 0 }
}
