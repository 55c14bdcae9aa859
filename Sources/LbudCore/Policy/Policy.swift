/// Decides when a commit is made, and says why. It has no clock: it is told what time it is.
package struct Policy: Equatable, Sendable {
  /// What there is to decide on.
  package struct Situation: Equatable, Sendable {
    package var now: Instant
    /// When the oldest waiting change was first seen, and the newest; nil where nothing waits.
    package var oldest: Instant?
    package var newest: Instant?
    /// What forbids a commit, in words for a person.
    package var obstacle: String?
    /// No media is there to commit to; said apart from other obstacles, since its return is a fact to wait for.
    package var mediaIsMissing = false
    /// A commit that was asked for and is not made yet.
    package var asked: CommitReason?
    package var hold: Hold?
    /// Who holds the lock of apk's database: a commit now could hold half of a transaction.
    package var transaction: LockTable.Holder?

    package init(now: Instant, oldest: Instant? = nil, newest: Instant? = nil, obstacle: String? = nil) {
      self.now = now
      self.oldest = oldest
      self.newest = newest
      self.obstacle = obstacle
    }
  }

  package enum Decision: Equatable, Sendable {
    case commit(CommitReason)
    /// Nothing to do before the time (for ever, where it is nil) unless something happens.
    case wait(until: Instant?, Waiting)
  }

  package var settings: Settings
  private var lastCommit: Instant?
  /// How many commits have failed since the last one that did not.
  package private(set) var failures = 0
  private var retryAt: Instant?
  /// Whether a commit is being made.
  package private(set) var isCommitting = false

  package init(settings: Settings) {
    self.settings = settings
  }

  package func decide(_ situation: Situation) -> Decision {
    if isCommitting { return .wait(until: nil, .committing) }
    guard let oldest = situation.oldest, let newest = situation.newest else {
      return .wait(until: nil, .nothingChanged)
    }
    if let forbidden = forbidden(situation) { return forbidden }
    if situation.mediaIsMissing { return .wait(until: nil, .mediaMissing) }
    if let obstacle = situation.obstacle { return .wait(until: nil, .obstacle(obstacle)) }
    // No event tells its end: the lock is freed after the file was closed.
    if let holder = situation.transaction { return .wait(until: situation.now + 1, .transaction(holder)) }

    if let asked = situation.asked {
      guard let retryAt, retryAt > situation.now else { return .commit(asked) }
      return .wait(until: retryAt, .retry(failures: failures))
    }
    let (due, waiting) = plan(oldest: oldest, newest: newest)
    // A commit that was put off may find that all is quiet by now, or that it never was.
    guard due > situation.now else { return .commit(situation.now >= newest + settings.idle ? .idle : .delay) }
    return .wait(until: due, waiting)
  }

  /// What keeps commits from being made by themselves; a wish is not held up by it.
  private func forbidden(_ situation: Situation) -> Decision? {
    if situation.asked?.isWish ?? false { return nil }
    if let hold = situation.hold { return .wait(until: hold.until, .held(hold)) }
    return settings.automatic ? nil : .wait(until: nil, .onRequestOnly)
  }

  /// The time at which quiet, or the longest delay, asks for a commit; put off by the shortest interval and by failures.
  private func plan(oldest: Instant, newest: Instant) -> (Instant, Waiting) {
    let quiet = newest + settings.idle
    let latest = oldest + settings.longestDelay
    var planned: (Instant, Waiting) = quiet <= latest ? (quiet, .quiet) : (latest, .longestDelay)
    if let lastCommit, lastCommit + settings.shortestInterval > planned.0 {
      planned = (lastCommit + settings.shortestInterval, .shortestInterval)
    }
    if let retryAt, retryAt > planned.0 { planned = (retryAt, .retry(failures: failures)) }
    return planned
  }

  // MARK: What happened

  package mutating func commitBegan() { isCommitting = true }

  package mutating func commitSucceeded(at now: Instant) {
    isCommitting = false
    lastCommit = now
    failures = 0
    retryAt = nil
  }

  /// It is over, however it ended.
  package mutating func commitEnded() { isCommitting = false }

  /// A commit failed: the next try comes after 10 s, then after twice as long each time, up to half an hour.
  package mutating func commitFailed(at now: Instant) {
    isCommitting = false
    failures += 1
    retryAt = now + Self.pause(after: failures, atMost: 1800)
  }

  /// 10 s after the first failure, then twice as long each time.
  package static func pause(after failures: Int, atMost longest: Seconds) -> Seconds {
    min(Seconds(10 << Int64(min(max(failures, 1) - 1, 10))), longest)
  }

  /// A transaction of apk came between: the next try comes soon, but not while the one is followed by another.
  package mutating func commitPutOff(at now: Instant) {
    isCommitting = false
    retryAt = now + 2
  }

  /// What made commits fail may be gone (media came back, settings changed): no need to wait out the pause.
  package mutating func forgetFailures() {
    failures = 0
    retryAt = nil
  }
}

/// What is waited for, for a person.
package enum Waiting: Equatable, Sendable {
  case nothingChanged
  case committing
  case onRequestOnly
  case held(Hold)
  case mediaMissing
  case obstacle(String)
  case transaction(LockTable.Holder)
  case quiet
  case longestDelay
  case shortestInterval
  case retry(failures: Int)
}
