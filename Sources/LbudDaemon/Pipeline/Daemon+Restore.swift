import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// What somebody wants to have back.
  package struct RestoreWish: Sendable {
    package var request: RestoreRequest
    package var snapshot: SnapshotReference
    /// Whether it is only said what would be done.
    package var isDryRun = false
    /// Whether the snapshot may be another box's.
    package var takesForeign = false
  }

  /// Puts files of a snapshot back into the running system. No commit is made meanwhile, and the journal has what came of it
  /// before this returns.
  /// - Throws: `StoreError`; then the running system is as it was, but for what the error names.
  package func restore(_ wish: RestoreWish, _ call: CallSettings, uid: UInt32) async throws -> Restored {
    let place = try await place(for: call)
    var restored = try await exclusively { try await self.restoreHere(wish, place.store) }
    guard !wish.isDryRun else { return restored }
    if !restored.actions.isEmpty {
      sayRestored(restored, uid)
      try lookAfterRestore()
    }
    if await releaseWhereAsSaved() { restored.notes.append("nothing is held any more: what runs is what boots next") }
    return restored
  }

  /// What a revert holds has no cause any more where nothing differs from what boots next.
  private func releaseWhereAsSaved() async -> Bool {
    guard let hold = pipeline.hold, hold.isOfRevert else { return false }
    do {
      guard try await isAsSaved() else { return false }
      return try await release() != nil
    } catch {
      // All is restored all the same.
      logger.warning("\(error)")
      return false
    }
  }

  /// To be called while nothing else concerns the media.
  func restoreHere(_ wish: RestoreWish, _ store: SnapshotStore) async throws -> Restored {
    if !wish.isDryRun, let holder = apkLock.holder() { throw restoreIsPutOff(holder) }
    try pipeline.lookAtEverything(at: SystemClock.now())
    _ = try pipeline.step(at: SystemClock.now())
    if wish.request.deletes { try expectToKnowAll() }
    let (root, selected, logger) = (self.root, pipeline.entries, self.logger)
    defer { if !wish.isDryRun { followCutOffRestore() } }
    return try await interruptibly(store) { store in
      try await OwnThread.run(named: "lbud-restore") {
        var files = ControlFiles(root: root)
        var order = RestoreOrder(
          wish.request, from: wish.snapshot, selected: selected, selection: files.load().selection)
        order.isDryRun = wish.isDryRun
        order.takesForeign = wish.takesForeign
        return try store.restore(order) { logger.debug("\($0)") }
      }
    }
  }

  func restoreIsPutOff(_ holder: LockTable.Holder) -> StoreError {
    StoreError(
      "nothing is restored: \(Policy.apk(holder)) is in the middle of a transaction",
      hint: "try again when it has ended")
  }

  /// What lbud takes for unsaved by mistake must not be removed: a package's file while the database is torn, one that is
  /// left out while the rules cannot be read.
  private func expectToKnowAll() throws(StoreError) {
    guard
      let problem = pipeline.selectionProblems.first(where: { $0.severity == .blocking })
        ?? pipeline.selectionProblems.first(where: {
          $0.subject.hasSuffix(InstalledDatabase.path.display) && $0.severity != .warning
        })
    else { return }
    throw StoreError("nothing is restored or removed, since \(problem.line)", hint: problem.remedy)
  }

  func sayRestored(_ restored: Restored, _ uid: UInt32) {
    logger.notice(
      "restored \(Policy.count(restored.actions.count)) from \(restored.media)/\(displayText(of: restored.snapshot)), by uid \(uid)"
    )
    for action in restored.actions { logger.info("restored: \(action.kind) \(action.path.display)") }
    for note in restored.notes { logger.info("\(note)") }
  }

  /// Takes in what a restore has done, the rules and settings that came with it too.
  func lookAfterRestore() throws {
    try pipeline.lookAtEverything(at: SystemClock.now())
    advance()
  }
}
