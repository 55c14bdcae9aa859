import LbudCore

/// What a reading of a whole snapshot has found.
package struct SnapshotFindings: Equatable, Sendable {
  /// One place that is not as it should be.
  package struct Damage: Equatable, Sendable {
    /// The entry that was being read there; nil where none can be told.
    package var path: BytePath?
    /// What is wrong, in words.
    package var reason: String
    /// Entries that were read before it and that no check vouches for, since the one of their gzip member fails: the first
    /// of them, and how many there are.
    package var doubtful: [BytePath] = []
    package var doubtfulCount = 0
  }

  /// Nil for one without, which lbu or another program has made.
  package var record: SnapshotRecord?
  /// In the order of the archive.
  package var damages: [Damage] = []
  /// Entries that could be read.
  package var entryCount = 0

  /// Entries that the record counts and that could not be read.
  package var lostCount: Int { damages.isEmpty ? 0 : max(0, (record?.entryCount ?? 0) - entryCount) }

  package var isWhole: Bool { damages.isEmpty }

  /// How many doubtful entries are listed of a place.
  static let listed = 200
}

/// Reads a whole snapshot and checks all that can be: each gzip member's own checks, each header, whether the names may be
/// written below a directory, and against the record the SHA-256 of the tar and what there is of the file. What is behind a
/// damaged span is read all the same where the record tells where it begins, since each span holds whole entries.
package enum SnapshotCheck {
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end. What it throws is
  ///     damage at that place, but for a `CancellationError`.
  /// - Throws: `CancellationError`; `ArchiveError.zlib` if there is no memory.
  package static func run(
    fileSize: UInt64, limits: SnapshotIndex.Limits = .init(),
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotFindings {
    var findings = SnapshotFindings()
    do {
      findings.record = try SnapshotRecord.read(fileSize: fileSize, readAt: readAt)
    } catch let error as CancellationError {
      throw error
    } catch ArchiveError.newerRecord {
      // Nothing of it can be compared with.
    } catch {
      findings.damages.append(.init(reason: "\(error)"))
    }
    var state = CheckState(findings, limits, readAt)
    let pieces = pieces(of: findings.record, fileSize: fileSize)
    if let record = findings.record, record.tarSHA256 == nil, pieces.contains(where: { $0.proof == nil }) {
      state.add("the snapshot's record is damaged: its spans are not those of the file")
    }
    for (index, piece) in pieces.enumerated() where !state.isHostile {
      try state.check(piece, isLast: index == pieces.count - 1)
    }
    if state.findings.isWhole, let record = state.findings.record { try state.compare(with: record) }
    return state.findings
  }

  /// Compressed bytes that unpack to whole entries.
  struct Piece {
    var compressed: Range<UInt64>
    /// Where in the tar it begins, and how many bytes of it are in it; nil where that is not known.
    var tarStart: UInt64
    var tarSize: UInt64?
    /// Nil in format 1.
    var proof: SnapshotRecord.Proof?
    var tarEnd: UInt64? { tarSize.map { tarStart + $0 } }
  }

  /// The spans, where the record has a table of them that can be true; else all as one piece.
  private static func pieces(of record: SnapshotRecord?, fileSize: UInt64) -> [Piece] {
    let end = record?.compressedSize ?? fileSize
    var pieces: [Piece] = []
    var (compressed, tar): (UInt64, UInt64) = (0, 0)
    for span in record?.spans ?? [] {
      let (next, overflow) = compressed.addingReportingOverflow(span.compressedSize)
      let (nextTar, overflowTar) = tar.addingReportingOverflow(span.tarSize)
      guard !overflow, !overflowTar, next <= end, span.compressedSize > 0 else { break }
      pieces.append(Piece(compressed: compressed..<next, tarStart: tar, tarSize: span.tarSize, proof: span.proof))
      (compressed, tar) = (next, nextTar)
    }
    guard let record, compressed == end, tar == record.tarSize, !pieces.isEmpty else {
      return [Piece(compressed: 0..<end, tarStart: 0, tarSize: record?.tarSize)]
    }
    return pieces
  }
}
