import Glibc
import LbudArchive
import LbudCore
import LbudSystem
import Logging

extension Daemon {
  package typealias CommitError = StoreError

  /// Who asks for a commit, and why.
  package struct Request: Sendable {
    package var reason: CommitReason
    package var uid: UInt32
    package var message: String?
    /// Whether other boxes' overlays are removed from the media.
    package var removesOthers: Bool

    package init(reason: CommitReason, uid: UInt32, message: String? = nil, removesOthers: Bool = false) {
      self.reason = reason
      self.uid = uid
      self.message = message
      self.removesOthers = removesOthers
    }

    var foreign: ForeignOverlays {
      if removesOthers { return .remove }
      return reason == .request ? .refuse : .saveAside
    }
  }

  /// What came of a commit.
  package struct Outcome: Sendable {
    package var changes: [BytePath: Change]
    package var media = ""
    /// Nil where nothing differed, and for a dry run.
    package var committed: CommittedSnapshot?
  }

  func commitByItself(_ reason: CommitReason) {
    guard !isCommitQueued else { return }
    isCommitQueued = true
    Task {
      await runningCommit()
      isCommitQueued = false
      // Somebody's request may have made it meanwhile.
      guard !isStopping, case .commit(let reason) = pipeline.decide(at: SystemClock.now()) else { return }
      do { _ = try await commit(Request(reason: reason, uid: geteuid())) } catch {
        // It has been logged, and the policy tries again.
      }
    }
  }

  /// Saves what differs.
  /// - Throws: `StoreError`.
  package func commit(_ request: Request, dryRun: Bool = false) async throws(StoreError) -> Outcome {
    do {
      repeat {
        await runningCommit()
        // Somebody waits for the answer, or nobody will be there to ask again.
        if request.reason == .request || request.reason == .shutdown { pipeline.distrustMedia() }
        try await settle(patience: request.reason == .shutdown ? 60 : nil)
        // Another request may have begun one meanwhile.
        // Nobody waits for ever for a medium that hangs, at shutdown least of all.
        if request.reason == .shutdown, let silence { throw silence }
      } while isCommitting || looking != nil
      // No suspension from here until the commit has begun.
      guard let plan = try pipeline.planCommit(foreign: request.foreign, at: SystemClock.now()) else {
        return Outcome(changes: [:], media: pipeline.mediaPath)
      }
      if dryRun { return Outcome(changes: plan.changes, media: plan.media.path) }
      return Outcome(changes: plan.changes, media: plan.media.path, committed: try await make(plan, request))
    } catch {
      let error = error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud")
      if !dryRun { failed(error) }
      throw error
    }
  }

  private func runningCommit() async {
    while isCommitting { await withCheckedContinuation { waiters.append($0) } }
  }

  private func make(_ plan: CommitPlan, _ request: Request) async throws -> CommittedSnapshot {
    pipeline.commitBegan()
    isCommitting = true
    defer {
      isCommitting = false
      for waiter in waiters { waiter.resume() }
      waiters = []
      advance()
    }
    let facts = SnapshotFacts(
      host: host, time: SystemClock.wallNanoseconds() / 1_000_000_000, reason: request.reason.rawValue,
      uid: request.uid, user: nil, message: request.message, changedCount: plan.changes.count)
    let logger = self.logger
    let order = CommitOrder(entries: plan.entries, facts: facts, foreign: plan.foreign, bound: plan.bound)
    let committed = try await OwnThread.run(named: "lbud-commit") {
      try plan.media.commit(order) { logger.debug("\($0)") }
    }
    try pipeline.commitSucceeded(plan, committed, at: SystemClock.now())
    sayCommitted(committed, plan, request)
    return committed
  }

  private func sayCommitted(_ committed: CommittedSnapshot, _ plan: CommitPlan, _ request: Request) {
    let what = plan.changes.count == 1 ? "1 change" : "\(plan.changes.count) changes"
    logger.notice("saved \(what) to \(plan.media.path)/\(committed.name) (\(request.reason))")
    for name in committed.retired { logger.notice("an overlay of this box under another name is now LBUD/\(name)") }
    for name in committed.removed { logger.notice("removed another box's overlay: \(name)") }
    for note in committed.notes { logger.warning("\(note)") }
  }

  private func failed(_ error: StoreError) {
    pipeline.commitFailed(error, at: SystemClock.now())
    logger.error("no snapshot was made: \(error); \(error.hint)")
    advance()
  }

  /// Saves what is unsaved, if the settings say so, and ends.
  package func shutDown() async {
    // Whether it is to be saved may have been changed just now.
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    if pipeline.settings.onShutdown {
      // What other services write while they stop is saved too, though it comes while a commit is being made.
      for _ in 0..<3 {
        do {
          guard try await commit(Request(reason: .shutdown, uid: geteuid())).committed != nil else { break }
        } catch {
          // It has been logged; there is nobody left to try again.
          break
        }
      }
    } else {
      await runningCommit()
    }
    isStopping = true
    // A look that is under way still puts back what it has mounted.
    for _ in 0..<500 where looking != nil { try? await Task.sleep(for: .milliseconds(20)) }
  }
}
