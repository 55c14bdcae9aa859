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
    /// Whether it is made later, so that nobody reads its answer.
    var isDeferred = false
    /// Whether a snapshot is made though nothing differs, and the same one before it is kept.
    package var isForced = false
    /// Whether it is to be confirmed.
    package var confirmation: ConfirmationOrder?
    /// What is otherwise than lbu.conf has it.
    package var settings = CallSettings()
    /// Whether the end of apk's transaction is not waited for, which waits for this commit.
    var isInsideTransaction = false
    /// Takes what hooks print.
    var output: @Sendable ([UInt8]) -> Void = { _ in }
    /// Takes how far it is.
    var progress: @Sendable (CommitProgress) -> Void = { _ in }

    package init(reason: CommitReason, uid: UInt32, message: String? = nil, removesOthers: Bool = false) {
      self.reason = reason
      self.uid = uid
      self.message = message
      self.removesOthers = removesOthers
    }

    var foreign: ForeignOverlays {
      if removesOthers { return .remove }
      return reason == .request && !isDeferred ? .refuse : .saveAside
    }

    /// How many seconds the end of a transaction is waited for; what is made by itself comes again.
    var patience: Int {
      switch reason {
      case .request, .signal: isDeferred ? 0 : 60
      case .shutdown: 30
      case .idle, .delay, .apk: 0
      }
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
      do { _ = try await commit(request(for: reason)) } catch {
        // It has been logged, and the policy tries again.
      }
    }
  }

  private func request(for reason: CommitReason) -> Request {
    if let wish, wish.reason == reason { return wish }
    return Request(reason: reason, uid: geteuid())
  }

  /// Saves what differs.
  /// - Throws: `StoreError`.
  package func commit(_ request: Request, dryRun: Bool = false) async throws(StoreError) -> Outcome {
    if isOnce, !dryRun, request.settings.isEmpty, pipeline.settings.keepsOnServer { throw StoreError.onlyByLbud() }
    let outcome = try await save(request, dryRun: dryRun)
    // Also where nothing differed: what was saved before may not be there yet.
    if !dryRun, request.reason == .request, outcome.media == pipeline.mediaPath {
      try await sendCommitted(isNew: outcome.committed != nil)
    }
    return outcome
  }

  private func save(_ request: Request, dryRun: Bool) async throws(StoreError) -> Outcome {
    do {
      let place = request.settings.isEmpty ? nil : try await place(for: request.settings)
      if let confirmation = request.confirmation { try checkConfirmation(confirmation, place) }
      if let place, !place.isStanding { return try await commitElsewhere(request, to: place, dryRun: dryRun) }
      return try await commitHere(request, place?.store, dryRun: dryRun)
    } catch {
      let error = error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud")
      if !dryRun { failed(error, request) }
      throw error
    }
  }

  /// - Parameter store: the standing one with another password or limit; nil for as it is.
  private func commitHere(_ request: Request, _ store: SnapshotStore?, dryRun: Bool) async throws -> Outcome {
    let patienceEnds = SystemClock.now() + Seconds(Int64(request.patience))
    var haveHooksRun = false
    while true {
      try await prepare(request)
      // One may have come while others were waited for: a revert, or nobody has confirmed what runs.
      if !dryRun, pipeline.hold != nil, !request.reason.isWish {
        return Outcome(changes: [:], media: pipeline.mediaPath)
      }
      let isImpatient = SystemClock.now() >= patienceEnds
      // At shutdown a half is better than nothing: nobody is there to ask again.
      let takesHalf = dryRun || request.isInsideTransaction || (isImpatient && request.reason == .shutdown)
      if !takesHalf, let holder = apkLock.holder() {
        guard !isImpatient else { throw StoreError.transaction(holder) }
        try await Task.sleep(for: .milliseconds(100))
        continue
      }
      // No suspension from here until the commit has begun.
      let mark = takesHalf ? nil : apkLock.mark()
      guard let plan = try plan(request, store) else {
        wish = nil
        return Outcome(changes: [:], media: pipeline.mediaPath)
      }
      if dryRun { return Outcome(changes: plan.changes, media: plan.media.path) }
      // Before any hook: somebody may be asked for it, and call again.
      if let error = (plan.media as? SnapshotStore)?.passwordError { throw error }
      let runsHooks = !haveHooksRun
      haveHooksRun = true
      do {
        return try await make(plan, request, store, undisturbedSince: mark, runsHooks: runsHooks)
      } catch let error as StoreError where error.isPutOff && !isImpatient {
        logger.info("\(error): it is made again")
        pipeline.commitFailed(error, at: SystemClock.now())
        try await Task.sleep(for: .milliseconds(100))
      } catch {
        if !isNoted(error, request) { pipeline.commitEnded() }
        throw error
      }
    }
  }

  private func plan(_ request: Request, _ store: SnapshotStore?) throws -> CommitPlan? {
    try pipeline.planCommit(
      for: request.reason, foreign: request.foreign, isForced: request.isForced, media: store, at: SystemClock.now())
  }

  /// Waits until a commit can begin: none is being made, and all that has happened is taken in.
  func prepare(_ request: Request) async throws {
    repeat {
      await runningCommit()
      await packagesAreRead(patience: 5)
      // Somebody waits for the answer, or nobody will be there to ask again.
      if request.reason == .request || request.reason == .shutdown { pipeline.distrustMedia() }
      if request.reason == .request { publication.uploads.forgetFailures() }
      let patience = request.reason == .shutdown ? 60 : nil
      try await settle(patience: patience)
      if pipeline.settings.keepsOnServer, request.reason.isWish || request.reason == .shutdown {
        await fetchMirror(patience: 60)
        try await settle(patience: patience)
      }
      // Another request may have begun one meanwhile.
      // Nobody waits for ever for a medium that hangs, at shutdown least of all.
      if request.reason == .shutdown, let silence { throw silence }
    } while isCommitting || looking != nil
  }

  func runningCommit() async {
    while isCommitting { await withCheckedContinuation { waiters.append($0) } }
  }

  /// - Parameter mark: what tells that no transaction of apk came between; nil where that is not asked.
  private func make(
    _ plan: CommitPlan, _ request: Request, _ store: SnapshotStore?, undisturbedSince mark: ApkLock.Mark?,
    runsHooks: Bool
  ) async throws -> Outcome {
    pipeline.commitBegan()
    isCommitting = true
    tellFollowers(pipeline.decide(at: SystemClock.now()))
    monitors.tell(.committing(request.reason, changes: plan.changes.count))
    defer { commitEnded() }
    var (plan, mark) = (plan, mark)
    // What they change is part of the snapshot.
    if runsHooks, try await runHooks(.before, request) {
      if mark != nil {
        if let holder = apkLock.holder() { throw StoreError.transaction(holder) }
        mark = apkLock.mark()
      }
      guard let again = try self.plan(request, store) else {
        pipeline.commitEnded()
        return Outcome(changes: [:], media: pipeline.mediaPath)
      }
      plan = again
    }
    let wishes = wishNumber
    var committed: CommittedSnapshot
    do {
      committed = try await archive(plan, request, undisturbedSince: mark)
    } catch let error as StoreError where error.isAboutBase {
      logger.warning("\(error): everything is read again")
      pipeline.distrustBase()
      guard let again = try self.plan(request, store) else { throw error }
      plan = again
      committed = try await archive(plan, request, undisturbedSince: mark)
    }
    if wishNumber == wishes { wish = nil }
    publication.hasFetched = false
    try pipeline.commitSucceeded(plan, committed, at: SystemClock.now())
    await runLastHooks(request, &committed)
    sayCommitted(committed, plan, request)
    await releaseRevert(after: request)
    if request.reason.isWish { forgetGoingBack() }
    return Outcome(changes: plan.changes, media: plan.media.path, committed: committed)
  }

  func commitEnded() {
    isCommitting = false
    for waiter in waiters { waiter.resume() }
    waiters = []
    SpareMemory.giveBack()
    advance()
  }

  /// Makes the snapshot, on a thread of its own.
  func archive(
    _ plan: CommitPlan, _ request: Request, undisturbedSince mark: ApkLock.Mark?
  ) async throws -> CommittedSnapshot {
    let facts = facts(request, changedCount: plan.changes.count)
    let logger = self.logger
    let apkLock = self.apkLock
    var order = CommitOrder(plan.recipe, facts: facts, foreign: plan.foreign) { () throws(StoreError) in
      if let mark, !apkLock.isQuiet(since: mark) { throw .transaction(apkLock.holder()) }
    }
    order.keepsRepetition = request.isForced
    order.confirmation = request.confirmation
    order.standing = pendingConfirmation?.kept
    order.progress = progress(of: request)
    return try await OwnThread.run(named: "lbud-commit") { [order] in
      try plan.media.commit(order) { logger.debug("\($0)") }
    }
  }

  /// Whoever asked is told how far it is, and whoever monitors.
  func progress(of request: Request) -> @Sendable (CommitProgress) -> Void {
    { [monitors] in
      monitors.tell(.progress($0))
      request.progress($0)
    }
  }

  func facts(_ request: Request, changedCount: Int) -> SnapshotFacts {
    SnapshotFacts(
      host: host, time: SystemClock.wallNanoseconds() / 1_000_000_000, reason: request.reason.rawValue,
      uid: request.uid, user: AccountNames(root: root).user(request.uid), message: request.message,
      changedCount: changedCount)
  }

  func sayCommitted(_ committed: CommittedSnapshot, _ plan: CommitPlan, _ request: Request) {
    tellMonitors(committed: committed, plan, request)
    let what = Policy.count(plan.changes.count)
    logger.notice(
      "saved \(what) to \(plan.media.path)/\(committed.name) (\(request.reason))",
      metadata: [
        "changes": "\(plan.changes.count)", "media": "\(plan.media.path)", "snapshot": "\(committed.name)",
        "reason": "\(request.reason)", "uid": "\(request.uid)",
      ])
    for name in committed.retired { logger.notice("an overlay of this box under another name is now LBUD/\(name)") }
    if !committed.dropped.isEmpty {
      let rule = committed.droppedBy.map { ", as \($0) says" } ?? ""
      logger.notice("removed old snapshots\(rule): \(committed.dropped.joined(separator: ", "))")
    }
    for name in committed.removed { logger.notice("removed another box's overlay: \(name)") }
    for note in committed.notes { logger.warning("\(note)") }
  }

  /// Whether a failure is one of what is made by itself: not where it is about what somebody has asked for otherwise, who is
  /// told.
  private func isNoted(_ error: any Error, _ request: Request) -> Bool {
    request.settings.isEmpty && !((error as? StoreError)?.isPasswordMissing ?? false)
  }

  private func failed(_ error: StoreError, _ request: Request) {
    monitors.tell(.failed(error))
    guard isNoted(error, request) else { return }
    pipeline.commitFailed(error, at: SystemClock.now())
    if error.isPutOff {
      logger.info("\(error)")
      // It was wanted, and is to come though nobody asks again.
      if request.reason.isWish, wish == nil {
        var later = request
        later.isDeferred = true
        wish = later
        wishNumber += 1
      }
    } else {
      logger.error("no snapshot was made: \(error); \(error.hint)")
    }
    advance()
  }
}
