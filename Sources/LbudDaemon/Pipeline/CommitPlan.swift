import LbudCore
import LbudSystem

/// What a commit is made of, as it stood when the commit began.
struct CommitPlan: Sendable {
  var media: any SnapshotMedia
  var entries: [SelectedEntry]
  var changes: [BytePath: Change]
  var generation: UInt64
}
