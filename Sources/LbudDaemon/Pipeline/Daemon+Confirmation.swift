import Glibc
import LbudCore
import LbudSystem
import Logging

/// What is to be confirmed, and what happens when nobody does.
struct PendingConfirmation {
  /// As it stands on the media.
  var kept: Confirmation
  /// As it counts in this boot.
  var current: Confirmation
  var mediaPath: String
  /// When going back is tried, for the first time or again.
  var due: Instant
  var failures = 0
  /// Why going back has failed.
  var failure: StoreError?

  init(_ kept: Confirmation, as current: Confirmation, on mediaPath: String) {
    self.kept = kept
    self.current = current
    self.mediaPath = mediaPath
    due = current.deadline
  }

  mutating func failed(_ error: StoreError, at now: Instant) {
    failure = error
    failures += 1
    due = now + Policy.pause(after: failures, atMost: 300)
  }
}

extension Daemon {
  private static let rebootFile = "reboot"

  // MARK: Followed

  /// Takes in what a look or a commit has found of a confirmation, and goes back when its time is over.
  func followConfirmation(at now: Instant) {
    // While the media is away, what is known of it counts.
    if case .some(let kept) = pipeline.confirmation, kept != pendingConfirmation?.kept { take(kept, at: now) }
    guard goingBack == nil, !isCommitting, looking == nil else { return }
    if let pending = pendingConfirmation, pending.due <= now {
      goingBack = Task {
        await goBack()
        goingBack = nil
        advance()
      }
    } else if let rebootDue, rebootDue <= now, pendingConfirmation == nil, mayReboot {
      goingBack = Task {
        await rebootAsOwed()
        goingBack = nil
        advance()
      }
    }
  }

  /// When something of it is due; nil where what it waits for else comes back by itself.
  var confirmationDeadline: Instant? {
    guard goingBack == nil, !isCommitting, looking == nil else { return nil }
    if let pendingConfirmation { return pendingConfirmation.due }
    return mayReboot ? rebootDue : nil
  }

  /// Whether the media was looked at, and nothing is known there that is to be gone back from first.
  private var mayReboot: Bool {
    pipeline.mediaState.isUnreadable || pipeline.confirmation == .some(nil)
  }

  private func take(_ kept: Confirmation?, at now: Instant) {
    if let former = pendingConfirmation, former.mediaPath != pipeline.mediaPath { abandonedMedia = former.mediaPath }
    guard let kept else {
      logger.notice(
        "nothing is to be confirmed any more: \(pipeline.mediaPath) has another snapshot, or says nothing of it")
      pendingConfirmation = nil
      return
    }
    var current = kept
    let isOther = current.adopt(
      boot: BootIdentity.read(), now: now, wall: SystemClock.wallNanoseconds() / 1_000_000_000)
    pendingConfirmation = PendingConfirmation(kept, as: current, on: pipeline.mediaPath)
    let left = Policy.duration(current.deadline.seconds(since: now))
    logger.notice("the snapshot is to be confirmed within \(left) (\(current.words)), or else \(current.otherwise)")
    // Whatever comes of it, in this boot it counts as it was adopted.
    if isOther { Task { await rewriteConfirmation(current) } }
  }

  private func rewriteConfirmation(_ confirmation: Confirmation) async {
    do {
      try await exclusively {
        guard let store = self.pipeline.media as? SnapshotStore else { return }
        let logger = self.logger
        try await OwnThread.run(named: "lbud-media") {
          try store.rewrite(
            confirmation, note: logger.tell, say: { logger.debug("\($0)") })
        }
        self.pipeline.confirmation = confirmation
        self.pendingConfirmation?.kept = confirmation
      }
    } catch {
      logger.warning("how long the confirmation is waited for is not on the media: \(error)")
    }
  }

  /// What is wrong about it.
  var confirmationProblems: [Problem] {
    var problems: [Problem] = []
    if let pending = pendingConfirmation, let failure = pending.failure {
      problems.append(
        Problem(
          .degraded, subject: pipeline.mediaPath,
          "nobody has confirmed the snapshot in time, and the one before could not be made current again: \(failure)",
          remedy: "lbud tries again; \(failure.hint)"))
    }
    if let abandonedMedia, abandonedMedia != pipeline.mediaPath {
      problems.append(
        Problem(
          .degraded, subject: abandonedMedia,
          "what is current there was to be confirmed, and nobody goes back there while snapshots go to another place",
          remedy: "have them go there again; or keep what is there: rm \(abandonedMedia)/LBUD/CONFIRM.*"))
    }
    if let goingBackFailure {
      problems.append(
        Problem(
          .degraded, subject: pipeline.mediaPath,
          "nobody has confirmed the snapshot, and the one before is current again, but: \(goingBackFailure)",
          remedy: goingBackFailure.hint))
    }
    if let rebootFailure {
      problems.append(
        Problem(
          .degraded, subject: "reboot",
          "the snapshot before boots next, but the machine was not rebooted: \(rebootFailure)",
          remedy: "lbud tries again; or: reboot"))
    }
    return problems
  }

  // MARK: Asked for

  /// Whether a commit that is to be confirmed may be made.
  /// - Throws: `StoreError`.
  func checkConfirmation(_ wanted: ConfirmationOrder, _ place: Place?) throws(StoreError) {
    guard !isOnce else {
      throw StoreError(
        "lbud does not run, so nobody would go back when nobody confirms", hint: "start it: rc-service lbud start")
    }
    guard place?.isStanding ?? true else {
      throw StoreError("only what lbud saves by itself can be confirmed", hint: "commit without --confirm")
    }
    if let pending = pendingConfirmation {
      throw .alreadyAwaiting(pending.current, left: pending.current.deadline.seconds(since: SystemClock.now()))
    }
    if wanted.reboots, rebootProgram == nil {
      throw StoreError("there is no program reboot in \(root.path)", hint: "commit without --reboot")
    }
  }

  /// Keeps what is current.
  /// - Throws: `StoreError`: then it is still to be confirmed.
  package func confirm(uid: UInt32) async throws -> Confirmation {
    let confirmed: Confirmation? = try await exclusively {
      guard let store = self.pipeline.media as? SnapshotStore else {
        _ = try self.pipeline.media.glance()
        return nil
      }
      let logger = self.logger
      let kept = self.pendingConfirmation?.kept
      let confirmed = try await OwnThread.run(named: "lbud-media") {
        try store.confirm(
          known: kept, note: logger.tell, say: { logger.debug("\($0)") })
      }
      self.pipeline.confirmation = .some(nil)
      self.pendingConfirmation = nil
      return confirmed
    }
    advance()
    guard let confirmed else { throw wentBack ?? StoreError.nothingToConfirm() }
    wentBack = nil
    // One that going back has left when it failed.
    if let hold = pipeline.hold, hold.isOfRevert { _ = try await release() }
    logger.notice("the snapshot is confirmed by uid \(uid)")
    monitors.tell(.confirmed(confirmed))
    try await sendCommitted()
    return confirmed
  }

  // MARK: Going back

  private func goBack() async {
    guard let pending = pendingConfirmation?.current else { return }
    do {
      let reverted: SnapshotStore.Reverted? = try await exclusively {
        // It may have been confirmed while others were waited for.
        guard self.pendingConfirmation != nil else { return nil }
        guard let store = self.pipeline.media as? SnapshotStore else {
          _ = try self.pipeline.media.glance()
          throw StoreError("\(self.pipeline.mediaPath) holds no snapshots", hint: "see the log of lbud")
        }
        return try await self.goBack(pending, store)
      }
      guard let reverted else { return }
      await goneBack(pending, to: reverted.name, unconfirmed: reverted.former ?? reverted.retired.first, reverted.notes)
    } catch {
      let error = error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud")
      logger.error("nobody has confirmed the snapshot in time, and going back fails: \(error); \(error.hint)")
      if error.isUnsettled {
        // The one before has taken its place all the same; that it may not stay there is worth the same reboot.
        goingBackFailure = error
        await goneBack(pending, to: pipeline.media.currentName, unconfirmed: nil, [])
      } else {
        pendingConfirmation?.failed(error, at: SystemClock.now())
      }
    }
  }

  private func goneBack(
    _ pending: Confirmation, to name: String, unconfirmed: String?, _ notes: [String]
  ) async {
    let unconfirmed = unconfirmed.map { "LBUD/\($0)" }
    let rest = unconfirmed.map { "; the unconfirmed one is \($0)" } ?? ""
    logger.warning(
      "nobody has confirmed the snapshot in time: \(displayText(of: pending.back)) is current again, as \(name)\(rest)")
    for note in notes { logger.warning("\(note)") }
    pendingConfirmation = nil
    // What was wished for before is what nobody has confirmed.
    wish = nil
    wentBack = .wentBack(unconfirmed)
    monitors.tell(.wentBack(pending))
    pipeline.forgetMedia()
    if pending.reboots { await reboot() }
  }

  private func goBack(_ pending: Confirmation, _ store: SnapshotStore) async throws -> SnapshotStore.Reverted? {
    let before = pipeline.hold
    // First, or what runs would be saved in its place; and the word for who starts lbud again before the reboot.
    holdForGoingBack()
    if pending.reboots {
      do { try runFolder.write(Array(BootIdentity.read().utf8), to: Self.rebootFile) } catch {
        logger.warning("a lbud that is started before the reboot will not know of it: \(error)")
      }
    }
    do {
      let logger = self.logger
      let kept = pendingConfirmation?.kept
      let reverted = try await OwnThread.run(named: "lbud-commit") {
        try store.goBack(
          known: kept, note: logger.tell, say: { logger.debug("\($0)") })
      }
      pendingConfirmation = nil
      pipeline.confirmation = .some(nil)
      if reverted == nil { await giveUpGoingBack(before) }
      return reverted
    } catch {
      if !((error as? StoreError)?.isUnsettled ?? false) { await giveUpGoingBack(before) }
      throw error
    }
  }

  private func giveUpGoingBack(_ hold: Hold?) async {
    await restoreHold(hold)
    runFolder.remove(Self.rebootFile)
  }

  // MARK: The reboot

  /// Of the root that lbud was given, as with every path.
  private var rebootProgram: String? {
    ["/sbin/reboot", "/usr/sbin/reboot", "/bin/reboot", "/usr/bin/reboot"]
      .map { (root.isSystemRoot ? "" : root.path) + $0 }.first { access($0, X_OK) == 0 }
  }

  /// A daemon before this one has gone back, and was ended before the reboot.
  func findOwedReboot() {
    guard let kept = try? runFolder.read(Self.rebootFile), !kept.isEmpty else { return }
    guard kept.elementsEqual(BootIdentity.read().utf8) else { return runFolder.remove(Self.rebootFile) }
    rebootDue = SystemClock.now()
  }

  /// A daemon before this one may have ended before it had gone back. Where a look cannot tell, going back does: it comes to
  /// the check of the file system.
  private func rebootAsOwed() async {
    if pipeline.mediaState.isUnreadable, let store = pipeline.media as? SnapshotStore {
      do {
        let logger = self.logger
        _ = try await exclusively {
          try await OwnThread.run(named: "lbud-commit") {
            try store.goBack(
              known: nil, note: logger.tell, say: { logger.debug("\($0)") })
          }
        }
        pipeline.forgetMedia()
      } catch {
        rebootDue = SystemClock.now() + 60
        rebootFailure = "whether the snapshot before is current again cannot be told: \(error)"
        return logger.error("the machine is not rebooted: \(rebootFailure ?? "")")
      }
    }
    await reboot()
  }

  private func reboot() async {
    rebootDue = SystemClock.now() + 60
    logger.warning("rebooting into the snapshot before")
    do {
      guard let program = rebootProgram else {
        throw StoreError("there is no program reboot", hint: "reboot it by hand")
      }
      rebootFailure = try await OwnThread.run(named: "lbud-reboot") { try Reboot.run(program) }
    } catch {
      rebootFailure = "\(error)"
    }
    if let rebootFailure { return logger.error("the machine is not rebooted: \(rebootFailure)") }
    rebootDue = nil
    runFolder.remove(Self.rebootFile)
  }

  /// Somebody has saved what runs, or chosen another snapshot: what came of a confirmation is no news any more.
  func forgetGoingBack() {
    (wentBack, goingBackFailure, rebootFailure, rebootDue) = (nil, nil, nil, nil)
    runFolder.remove(Self.rebootFile)
  }
}

extension StoreError {
  fileprivate static func wentBack(_ unconfirmed: String?) -> StoreError {
    StoreError(
      "nothing is to be confirmed any more: the time was over, and the snapshot before boots next",
      hint: unconfirmed.map { "to boot the unconfirmed one: lbuctl revert \($0); or save what runs: lbuctl commit" }
        ?? "to save what runs: lbuctl commit")
  }
}
