import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// What a revert has done.
  package struct ReversionOutcome: Sendable {
    package var media: String
    /// Of its file, as it was.
    package var snapshot: [UInt8]
    package var reverted: SnapshotStore.Reverted
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
  /// - Parameter isLive: whether the running system follows. Where nothing differs then, nothing has to be held.
  /// - Throws: `StoreError`; then the current snapshot is the one it was, or the error says that it is the old one by now.
  package func revert(
    to snapshot: SnapshotReference, _ call: CallSettings, isLive: Bool = false, uid: UInt32
  ) async throws -> ReversionOutcome {
    let place = try await place(for: call)
    let before = pipeline.hold
    var outcome = try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let name = try await OwnThread.run(named: "lbud-media") {
        try store.oldName(of: snapshot) { logger.debug("\($0)") }
      }
      if isLive { try await self.expectToRestore(name, store) }
      // First, or a shutdown in between would save what runs.
      let hold =
        place.isStanding
        ? try await self.holdForRevert(because: "\(displayText(of: name)) boots next, by a revert", uid) : nil
      var outcome: ReversionOutcome
      do {
        let reverted = try await OwnThread.run(named: "lbud-commit") {
          try store.revert(to: name) { logger.debug("\($0)") }
        }
        outcome = ReversionOutcome(media: store.path, snapshot: name, reverted: reverted, hold: hold)
      } catch {
        if hold != nil { await self.restoreHold(before) }
        throw error
      }
      self.logger.notice(
        "\(displayText(of: name)) boots next, as \(outcome.media)/\(outcome.reverted.name), by uid \(uid)")
      if place.isStanding {
        // Whoever has chosen another one has no use for the confirmation.
        self.pendingConfirmation = nil
        self.pipeline.forgetMedia()
      }
      if isLive { outcome.restored = try await self.follow(outcome, store) }
      return outcome
    }
    if let restored = outcome.restored {
      sayRestored(restored, uid)
      try lookAfterRestore()
      if outcome.hold != nil, try await isAsSaved() {
        await restoreHold(before)
        outcome.hold = nil
      }
    }
    advance()
    return outcome
  }

  /// Before anything is done to the media: whether the running system can follow.
  private func expectToRestore(_ name: [UInt8], _ store: SnapshotStore) async throws {
    if let holder = apkLock.holder() { throw restoreIsPutOff(holder) }
    _ = try await restoreHere(RestoreWish(request: .all, snapshot: .named(name), isDryRun: true), store)
  }

  /// The running system becomes what the snapshot says that boots next.
  private func follow(_ outcome: ReversionOutcome, _ store: SnapshotStore) async throws -> Restored {
    do {
      let name = Array(outcome.reverted.name.utf8)
      return try await restoreHere(RestoreWish(request: .all, snapshot: .named(name)), store)
    } catch {
      let failure = error as? StoreError
      throw StoreError(
        "\(displayText(of: outcome.snapshot)) boots next, as \(outcome.media)/\(outcome.reverted.name), but what runs does not "
          + "follow: \(error)", hint: (failure.map { $0.hint + "; " } ?? "") + "then: lbuctl restore --all, or reboot")
    }
  }

  /// Whether a snapshot made now would be the one that boots.
  private func isAsSaved() async throws -> Bool {
    try await settle(patience: 10)
    return pipeline.mediaProblem == nil && looking == nil && !pipeline.isUnsaved
  }

  /// Who has something saved after a revert has changed their mind about it.
  func releaseRevert(after request: Request) async {
    guard request.reason.isWish, let hold = pipeline.hold, hold.isOfRevert else { return }
    do { _ = try await release() } catch { logger.warning("\(error); \(error.hint)") }
  }
}
