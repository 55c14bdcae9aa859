import LbudArchive
import LbudCore

@testable import LbudSystem

extension CommitOrder {
  /// All of it read from the running system.
  init(entries: [SelectedEntry], facts: SnapshotFacts, foreign: ForeignOverlays = .refuse) {
    self.init(CommitRecipe(entries), facts: facts, foreign: foreign)
  }
}
