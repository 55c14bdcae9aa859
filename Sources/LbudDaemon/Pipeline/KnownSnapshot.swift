import LbudArchive
import LbudSystem

/// The current snapshot, as much as is told of it.
struct KnownSnapshot: Equatable {
  var name: String
  var size: UInt64
  /// Seconds since 1970.
  var modified: Int64
  var entryCount: Int
  var record: SnapshotRecord?
  /// Of an encrypted one.
  var seal: Seal?
}
