import LbudArchive
import LbudCore
import LbudSystem
import Logging

/// What somebody wants of another place than the one that is saved to by itself.
extension Daemon {
  /// Saves to another place, or under another name. The journal is not concerned: what is saved by itself is saved where it
  /// always is.
  func commitElsewhere(_ request: Request, to place: Place, dryRun: Bool) async throws -> Outcome {
    if !dryRun, let error = place.store.passwordError { throw error }
    try await prepare(request)
    return try await exclusively {
      let before = try await self.look(at: place)
      let changes = try self.pipeline.changes(since: before.entries, at: SystemClock.now())
      if dryRun { return Outcome(changes: changes, media: place.store.path) }
      let isNew = before.look.savedName != place.store.currentName || !before.look.own.isEmpty
      guard request.isForced || isNew || !changes.isEmpty else {
        return Outcome(changes: [:], media: place.store.path)
      }
      self.monitors.tell(.committing(request.reason, changes: changes.count))
      _ = try await self.runHooks(.before, request)
      let now = try self.pipeline.changes(since: before.entries, at: SystemClock.now())
      let plan = try self.pipeline.plan(to: place.store, changes: now, foreign: request.foreign)
      var committed = try await self.archive(plan, request, undisturbedSince: nil)
      await self.runLastHooks(request, &committed)
      self.sayCommitted(committed, plan, request)
      return Outcome(changes: now, media: place.store.path, committed: committed)
    }
  }

  /// Runs what concerns the media while nothing else does.
  func exclusively<Result>(_ body: () async throws -> Result) async throws -> Result {
    repeat {
      await runningCommit()
      while let looking { await looking.value }
      await packagesAreRead(patience: 5)
    } while isCommitting || looking != nil
    isCommitting = true
    pipeline.lookBegan()
    defer {
      pipeline.lookEnded()
      commitEnded()
    }
    return try await body()
  }

  /// What is saved at a place.
  func look(at place: Place) async throws -> (look: MediaLook, entries: SavedEntries) {
    let (store, logger) = (place.store, self.logger)
    let look = try await OwnThread.run(named: "lbud-media") { try store.look(known: nil) { logger.debug("\($0)") } }
    if let problem = look.problems.first(where: { $0.severity == .blocking && !$0.yieldsToRequest }) {
      throw StoreError(problem.line, hint: problem.remedy)
    }
    guard case .read(let index) = look.saved else { return (look, [:]) }
    return (look, index?.entries ?? [:])
  }
}
