import LbudCore
import LbudSystem

/// Stands in where the settings name no place that snapshots could go to.
struct NoMedia: SnapshotMedia {
  let error: StoreError
  let host: String

  var path: String { "" }
  var currentName: String { SnapshotName.current(host: host) }

  func glance() throws(StoreError) -> MediaGlance { throw error }
  func look(known: SnapshotStore.Known?, say: @escaping (String) -> Void) throws(StoreError) -> MediaLook {
    throw error
  }
  func commit(_ order: CommitOrder, say: @escaping (String) -> Void) throws(StoreError) -> CommittedSnapshot {
    throw error
  }
}
