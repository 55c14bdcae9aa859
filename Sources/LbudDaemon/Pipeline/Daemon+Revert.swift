import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// What a revert has done.
  package struct ReversionOutcome: Sendable {
    package var media: String
    /// Of its file, as it was.
    package var snapshot: [UInt8]
    /// Nil where it is the one that boots already.
    package var reverted: SnapshotStore.Reverted?
    package var hold: Hold?
    /// What has been done to the running system; nil where it was not to follow.
    package var restored: Restored?
  }

  /// The old snapshots.
  /// - Throws: `StoreError`.
  package func olds(_ call: CallSettings) async throws -> (media: String, olds: [OldSnapshot]) {
    let place = try await place(for: call)
    return try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let olds = try await OwnThread.run(named: "lbud-media") { try store.olds { logger.debug("\($0)") } }
      return (store.path, olds)
    }
  }

  /// Makes an old snapshot the one that boots. What runs now is not saved in its place by itself: that is what somebody
  /// wants to be rid of.
  /// - Parameters:
  ///   - isLive: whether the running system follows. Where nothing differs then, nothing has to be held.
  ///   - takesForeign: whether it may be another box's.
  /// - Throws: `StoreError`; then the current snapshot is the one it was, or the error says that it is the old one by now.
  package func revert(
    to snapshot: SnapshotReference, _ call: CallSettings, isLive: Bool = false, takesForeign: Bool = false, uid: UInt32
  ) async throws -> ReversionOutcome {
    let place = try await place(for: call)
    let before = pipeline.hold
    var outcome = try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let target = try await OwnThread.run(named: "lbud-media") {
        try store.revertTarget(snapshot) { logger.debug("\($0)") }
      }
      let name = target.name
      if target.boots { return ReversionOutcome(media: store.path, snapshot: name) }
      let isAwaited = place.isStanding && self.pendingConfirmation?.kept.back == name
      let demands = isAwaited ? RevertDemands.goingBack() : RevertDemands(takesForeign: takesForeign)
      if isLive { try await self.expectToRestore(name, demands, store) }
      // First, or a shutdown in between would save what runs.
      let hold =
        place.isStanding
        ? try await self.holdForRevert(because: "\(target.words) boots next, by a revert", uid) : nil
      var reverted: SnapshotStore.Reverted
      do {
        reverted = try await OwnThread.run(named: "lbud-commit") {
          try store.revert(to: name, demands) { logger.debug("\($0)") }
        }
      } catch {
        if hold != nil { await self.restoreHold(before) }
        throw error
      }
      self.logger.notice(
        "\(displayText(of: name)) boots next, as \(store.path)/\(reverted.name), by uid \(uid)")
      if place.isStanding {
        // Whoever has chosen another one has no use for the confirmation.
        if self.pendingConfirmation != nil { reverted.notes.append("nothing is to be confirmed any more") }
        self.pendingConfirmation = nil
        self.pipeline.forgetMedia()
      }
      var outcome = ReversionOutcome(media: store.path, snapshot: name, reverted: reverted, hold: hold)
      if isLive { outcome.restored = try await self.follow(name, reverted, store) }
      return outcome
    }
    guard outcome.reverted != nil else {
      if isLive {
        let wish = RestoreWish(request: .all, snapshot: .named(outcome.snapshot), takesForeign: takesForeign)
        outcome.restored = try await restore(wish, call, uid: uid)
      }
      // One before may have failed to bring it there.
      if place.isStanding { try await sendCommitted() }
      return outcome
    }
    if let restored = outcome.restored {
      sayRestored(restored, uid)
      try lookAfterRestore()
      if outcome.hold != nil, try await isAsSaved() {
        // That of an earlier revert has no cause any more either.
        await restoreHold(before.flatMap { $0.isOfRevert ? nil : $0 })
        outcome.hold = nil
      }
    }
    advance()
    if place.isStanding { try await sendCommitted() }
    return outcome
  }

  /// Before anything is done to the media: whether the running system can follow.
  private func expectToRestore(_ name: [UInt8], _ demands: RevertDemands, _ store: SnapshotStore) async throws {
    if let holder = apkLock.holder() { throw restoreIsPutOff(holder) }
    let wish = RestoreWish(
      request: .all, snapshot: .named(name), isDryRun: true, takesForeign: demands.takesForeign)
    _ = try await restoreHere(wish, store)
  }

  /// The running system becomes what the snapshot says that boots next.
  private func follow(
    _ name: [UInt8], _ reverted: SnapshotStore.Reverted, _ store: SnapshotStore
  ) async throws -> Restored {
    do {
      // Whether it may be another box's was asked before.
      let wish = RestoreWish(request: .all, snapshot: .named(Array(reverted.name.utf8)), takesForeign: true)
      return try await restoreHere(wish, store)
    } catch {
      let failure = error as? StoreError
      throw StoreError(
        "\(displayText(of: name)) boots next, as \(store.path)/\(reverted.name), but what runs does not "
          + "follow: \(error)", hint: (failure.map { $0.hint + "; " } ?? "") + "then: lbuctl restore --all, or reboot")
    }
  }

  /// Whether a snapshot made now would be the one that boots.
  func isAsSaved() async throws -> Bool {
    try await settle(patience: 10)
    return pipeline.mediaProblem == nil && looking == nil && !pipeline.isUnsaved
  }

  /// Who has something saved after a revert has changed their mind about it.
  func releaseRevert(after request: Request) async {
    guard request.reason.isWish, let hold = pipeline.hold, hold.isOfRevert else { return }
    do { _ = try await release() } catch { logger.warning("\(error); \(error.hint)") }
  }
}
