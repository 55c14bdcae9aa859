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
  /// - Throws: `StoreError`; then the current snapshot is the one it was.
  package func revert(to snapshot: SnapshotReference, _ call: CallSettings, uid: UInt32) async throws
    -> ReversionOutcome
  {
    let place = try await place(for: call)
    let outcome = try await exclusively {
      let (store, logger) = (place.store, self.logger)
      let name = try await OwnThread.run(named: "lbud-media") {
        try store.oldName(of: snapshot) { logger.debug("\($0)") }
      }
      let before = self.pipeline.hold
      // First, or a shutdown in between would save what runs.
      let hold =
        place.isStanding
        ? try await self.holdForRevert(because: "\(displayText(of: name)) boots next, by a revert", uid) : nil
      do {
        let reverted = try await OwnThread.run(named: "lbud-commit") {
          try store.revert(to: name) { logger.debug("\($0)") }
        }
        return ReversionOutcome(media: store.path, snapshot: name, reverted: reverted, hold: hold)
      } catch {
        if hold != nil { await self.restoreHold(before) }
        throw error
      }
    }
    logger.notice(
      "\(displayText(of: outcome.snapshot)) boots next, as \(outcome.media)/\(outcome.reverted.name), by uid \(uid)")
    if place.isStanding {
      // Whoever has chosen another one has no use for the confirmation.
      pendingConfirmation = nil
      pipeline.forgetMedia()
    }
    advance()
    return outcome
  }

  /// Who has something saved after a revert has changed their mind about it.
  func releaseRevert(after request: Request) async {
    guard request.reason == .request, let hold = pipeline.hold, hold.isOfRevert else { return }
    do { _ = try await release() } catch { logger.warning("\(error); \(error.hint)") }
  }
}
