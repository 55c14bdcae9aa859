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
  private var failures = 0
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
    guard settings.automatic else { return .wait(until: nil, .onRequestOnly) }
    if situation.mediaIsMissing { return .wait(until: nil, .mediaMissing) }
    if let obstacle = situation.obstacle { return .wait(until: nil, .obstacle(obstacle)) }

    let (due, waiting) = plan(oldest: oldest, newest: newest)
    // A commit that was put off may find that all is quiet by now, or that it never was.
    guard due > situation.now else { return .commit(situation.now >= newest + settings.idle ? .idle : .delay) }
    return .wait(until: due, waiting)
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

  /// A commit failed: the next try comes after 10 s, then after twice as long each time, up to half an hour.
  package mutating func commitFailed(at now: Instant) {
    isCommitting = false
    failures += 1
    retryAt = now + Seconds(min(10 << Int64(min(failures - 1, 10)), 1800))
  }

  /// What made commits fail may be gone (media came back, settings changed): no need to wait out the pause.
  package mutating func forgetFailures() {
    failures = 0
    retryAt = nil
  }
}

/// Why a snapshot is made.
package enum CommitReason: String, Sendable, Hashable {
  /// Nothing has changed for a while.
  case idle
  /// Changes would have waited too long.
  case delay
  /// The daemon was told to stop.
  case shutdown
  /// Somebody asked for it.
  case request
}

/// What is waited for, for a person.
package enum Waiting: Equatable, Sendable {
  case nothingChanged
  case committing
  case onRequestOnly
  case mediaMissing
  case obstacle(String)
  case quiet
  case longestDelay
  case shortestInterval
  case retry(failures: Int)
}
