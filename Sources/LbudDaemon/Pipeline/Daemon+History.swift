import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// All snapshots by their records, as `SnapshotStore.history` has them.
  /// - Throws: `StoreError`.
  package func history(_ call: CallSettings) async throws -> (media: String, entries: [HistoryEntry]) {
    let place = try await place(for: call)
    return try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let entries = try await OwnThread.run(named: "lbud-media") { try store.history { logger.debug("\($0)") } }
      return (store.path, entries)
    }
  }
}
