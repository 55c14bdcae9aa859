import LbudCore
import LbudSystem
import Logging
import Synchronization

/// Reading whole snapshots from the medium.
extension Daemon {
  /// Ends a reading before it is done.
  final class Interruption: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
  }

  /// Reads a snapshot and checks it. A current one that is damaged is told of by `status` from then on, and made anew as
  /// soon as the settings let one be made.
  /// - Throws: `StoreError`; `CancellationError` where the task is cancelled.
  package func verify(
    _ snapshot: SnapshotReference, _ call: CallSettings
  ) async throws -> (media: String, verification: Verification) {
    let place = try await place(for: call)
    let interruption = Interruption()
    let verification = try await withTaskCancellationHandler {
      try await exclusively {
        // Who has gone meanwhile, or a shutdown, does not want it.
        if Task.isCancelled { throw CancellationError() }
        let logger = self.logger
        return try await interruptibly(place.store, by: interruption) { store in
          try await OwnThread.run(named: "lbud-verify") { try store.verify(snapshot) { logger.debug("\($0)") } }
        }
      }
    } onCancel: {
      interruption.set()
    }
    take(verification, at: place)
    return (place.store.path, verification)
  }

  /// Runs what reads snapshots for somebody, so that `interruptVerification` ends that; to be called in `exclusively`.
  func interruptibly<Result>(
    _ store: SnapshotStore, by interruption: Interruption = Interruption(),
    _ body: (SnapshotStore) async throws -> Result
  ) async throws -> Result {
    if isStopping { throw CancellationError() }
    self.interruption = interruption
    defer { self.interruption = nil }
    var store = store
    store.isInterrupted = { interruption.isSet }
    return try await body(store)
  }

  /// Ends a reading that is under way, since something is to be done that cannot wait.
  func interruptVerification() { interruption?.set() }

  private func take(_ verification: Verification, at place: Place) {
    let path = place.store.path
    verifications.note(verification, in: path, at: SystemClock.wallNanoseconds() / 1_000_000_000)
    guard verification.verdict == .damaged, let why = verification.why else { return }
    let name = displayText(of: verification.entry.relativeName)
    logger.error("\(path)/\(name) is damaged: \(why)")
    guard place.isStanding, verification.entry.standing == .current else { return }
    pipeline.currentIsDamaged(why, file: verification.entry.signature)
    advance()
  }
}
