import LbudArchive
import LbudCore

/// A snapshot on the media, as far as it is known without unpacking it.
package struct HistoryEntry: Sendable {
  package enum Standing: Equatable, Sendable {
    /// It has the name that this box's snapshot boots by.
    case current
    /// Another name that the boot loader takes.
    case rival
    case old
  }

  /// What it says of itself.
  package enum Account: Equatable, Sendable {
    case record(SnapshotRecord)
    /// Nothing: lbu has made it, or another program.
    case none
    /// Nothing without its password.
    case sealed
    /// Nothing by the password that there is: it has another one, or it is damaged. In words.
    case unopened(String)
    /// Why it cannot be read, in words.
    case damaged(String)
  }

  /// Of its file, without the folder.
  package var name: [UInt8]
  package var isInFolder: Bool
  package var standing: Standing
  package var account: Account
  /// Whether it is this box's, by its name or by its record.
  package var isOwn: Bool
  /// What tells that it is the same file still.
  package var signature: FileStatus.Signature

  /// Bytes of the file.
  package var size: UInt64 { signature.size }

  package var record: SnapshotRecord? {
    if case .record(let record) = account { return record }
    return nil
  }

  /// The box it is of, by its record or else by its name.
  package var host: [UInt8]? {
    if let record { return Array(record.facts.host.utf8) }
    return standing == .old ? SnapshotName.parseDated(name)?.host : SnapshotName.parseBootable(name)?.host
  }

  /// When it was made, in seconds since 1970: as it says itself, or else its name, or else when its file was written, which
  /// a copy of the media need not keep.
  package var time: Int64 {
    record?.facts.time ?? SnapshotName.parseDated(name).flatMap { SnapshotName.time(ofDate: $0.date) }
      ?? signature.modified.seconds
  }

  /// With the folder in front.
  package var relativeName: [UInt8] { SnapshotStore.relativeName(name, isInFolder: isInFolder) }

  var candidate: SnapshotReference.Candidate {
    SnapshotReference.Candidate(name: relativeName, time: time, isOwn: isOwn, isUsable: !isDamaged)
  }

  private var isDamaged: Bool {
    if case .damaged = account { return true }
    return false
  }

  /// By which old ones are in order: the dates of their names, as retention has it.
  var date: [UInt8] {
    SnapshotName.parseDated(name)?.date ?? Array(SnapshotName.compactTime(signature.modified.seconds).utf8)
  }
}
