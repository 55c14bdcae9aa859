import LbudCore
import LbudSystem

/// What a commit is made of, as it stood when the commit began.
struct CommitPlan: Sendable {
  var media: any SnapshotMedia
  var entries: [SelectedEntry]
  /// Bytes that the archive has at most.
  var bound: UInt64
  var changes: [BytePath: Change]
  var generation: UInt64
  var foreign: ForeignOverlays
}
