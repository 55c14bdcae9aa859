import LbudCore
import LbudSystem

/// What a commit is made of, as it stood when the commit began.
struct CommitPlan: Sendable {
  var media: any SnapshotMedia
  var recipe: CommitRecipe
  var changes: [BytePath: Change]
  var generation: UInt64
  var foreign: ForeignOverlays
}
