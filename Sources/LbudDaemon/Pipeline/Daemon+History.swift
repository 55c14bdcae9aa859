import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// What the media holds.
  package struct Log: Sendable {
    package var media: String
    /// As `SnapshotStore.history` has them.
    package var entries: [HistoryEntry]
    /// What the next commit makes of the old ones, by their names without the folder.
    var next: [[UInt8]: Retention.Decision] = [:]
    /// What reading them has found, where lbud has done that since it was started; in the order of the entries.
    var verified: [Verifications.Result?] = []
  }

  /// All snapshots by their records.
  /// - Throws: `StoreError`.
  package func history(_ call: CallSettings) async throws -> Log {
    let place = try await place(for: call)
    return try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let (entries, next) = try await OwnThread.run(named: "lbud-media") {
        try store.historyWithDecisions { logger.debug("\($0)") }
      }
      return Log(
        media: store.path, entries: entries, next: next,
        verified: entries.map { self.verifications.result(of: $0, in: store.path) })
    }
  }
}

extension Daemon {
  /// What a snapshot holds at a path.
  /// - Throws: `StoreError`.
  package func show(
    _ snapshot: SnapshotReference, _ path: BytePath, _ call: CallSettings
  ) async throws -> (media: String, shown: SnapshotStore.Shown) {
    let place = try await place(for: call)
    return try await exclusively {
      let logger = self.logger
      let shown = try await interruptibly(place.store) { store in
        try await OwnThread.run(named: "lbud-media") {
          try store.show(snapshot, path: path) { logger.debug("\($0)") }
        }
      }
      return (place.store.path, shown)
    }
  }
}

/// Comparing with any snapshot.
extension Daemon {
  /// What differs between a snapshot and now, or another snapshot.
  /// - Parameter to: nil for the running system.
  /// - Throws: `StoreError` where one is not there, or not whole.
  package func compare(
    _ call: CallSettings, from: SnapshotReference, to: SnapshotReference?
  ) async throws -> Comparison {
    let place = try await place(for: call)
    try await settle()
    return try await exclusively {
      let (states, changes) = try await self.states(at: place, from, to)
      return Comparison(
        snapshot: String(decoding: states[0].name, as: UTF8.self),
        other: states.dropFirst().first.map { String(decoding: $0.name, as: UTF8.self) }, changes: changes)
    }
  }

  /// Writes it in full.
  /// - Parameter output: takes it piece by piece, on a thread of its own, and whether anything differs: the heading comes in
  ///   any case.
  /// - Returns: whether anything differs.
  package func diff(
    _ call: CallSettings, from: SnapshotReference, to: SnapshotReference?,
    output: @escaping @Sendable ([UInt8], _ differs: Bool) -> Void
  ) async throws -> Bool {
    let place = try await place(for: call)
    try await settle()
    return try await exclusively {
      let (states, changes) = try await self.states(at: place, from, to)
      let logger = self.logger
      try await interruptibly(place.store) { store in
        try await OwnThread.run(named: "lbud-media") {
          try store.writeDiff(
            from: states[0], to: states.dropFirst().first, changes, output: { output($0, !changes.isEmpty) }
          ) { logger.debug("\($0)") }
        }
      }
      return !changes.isEmpty
    }
  }

  /// - Returns: one state or two, and what differs.
  private func states(
    at place: Place, _ from: SnapshotReference, _ to: SnapshotReference?
  ) async throws -> (states: [SnapshotStore.SavedState], changes: [BytePath: Change]) {
    let logger = self.logger
    let states = try await interruptibly(place.store) { store in
      try await OwnThread.run(named: "lbud-media") {
        try store.states(of: [from] + [to].compactMap(\.self)) { logger.debug("\($0)") }
      }
    }
    let now = SystemClock.now()
    guard to != nil else { return (states, try pipeline.changes(since: states[0].entries, at: now)) }
    return (states, Journal.changes(from: states[0].entries, to: states[1].entries, at: now))
  }
}
