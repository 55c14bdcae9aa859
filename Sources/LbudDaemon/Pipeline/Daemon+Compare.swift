import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// What differs from what is saved.
  package struct Comparison: Sendable {
    /// Of the snapshot, relative to the media; nil where there is none.
    package var snapshot: String?
    /// The other snapshot; nil where it is compared with what there is now.
    package var other: String?
    package var changes: [BytePath: Change]
  }

  /// - Throws: `StoreError` where it cannot be read.
  package func compare(_ call: CallSettings) async throws -> Comparison {
    try await compare(at: try await place(for: call), isAsked: call.password != nil)
  }

  /// - Parameter isAsked: whether the password is not that of the settings, so that what is known may be nothing.
  private func compare(at place: Place, isAsked: Bool) async throws -> Comparison {
    if let error = place.store.passwordError { throw error }
    guard place.isStanding, !isAsked else { return try await compareElsewhere(place) }
    pipeline.distrustMedia()
    try pipeline.lookAtEverything(at: SystemClock.now())
    try await settle()
    if let problem = pipeline.mediaProblem ?? pipeline.snapshotDamage { throw problem }
    return Comparison(snapshot: pipeline.snapshot?.name, changes: pipeline.journal.changes)
  }

  private func compareElsewhere(_ place: Place) async throws -> Comparison {
    try await settle()
    return try await exclusively {
      let (look, entries) = try await self.look(at: place)
      if let damage = look.damage { throw damage }
      return Comparison(
        snapshot: look.savedName, changes: try self.pipeline.changes(since: entries, at: SystemClock.now()))
    }
  }

  /// Writes what differs, in full.
  /// - Parameter output: takes it piece by piece, on a thread of its own.
  /// - Returns: whether anything differs.
  package func diff(_ call: CallSettings, output: @escaping @Sendable ([UInt8]) -> Void) async throws -> Bool {
    let place = try await place(for: call)
    let comparison = try await compare(at: place, isAsked: call.password != nil)
    guard !comparison.changes.isEmpty else { return false }
    try await exclusively {
      let (store, logger) = (place.store, self.logger)
      try await OwnThread.run(named: "lbud-media") {
        try store.writeDiff(of: comparison.snapshot, comparison.changes, output: output) { logger.debug("\($0)") }
      }
    }
    return true
  }
}
