import LbudCore

/// When the lock that delays a shutdown is taken and given back: what is known, and what to do next.
struct InhibitorPlan {
  enum Step: Equatable {
    case connect
    case take
    case release
    /// Until something happens, or until then.
    case wait(until: Instant?)
  }

  /// Whether a shutdown now would lose something.
  var isUnsaved = false
  /// Whether a commit is being made because the shutdown has begun.
  var isSaving = false
  private(set) var isConnected = false
  /// The login manager's name on the bus; nil while there is none.
  private(set) var owner: String?
  /// Whether a lock is held, and whether the login manager of now has given it: one that was started again may have
  /// forgotten it (systemd-logind remembers, elogind does not).
  private(set) var hasLock = false
  private(set) var isLockCurrent = false
  /// Whether the shutdown has begun: no lock is given any more.
  private(set) var isPreparing = false
  private var failures = 0
  private var retry = Instant(nanoseconds: 0)

  /// Nothing unsaved means nothing to do: not even a bus that has gone is looked for.
  func next(at now: Instant) -> Step {
    if hasLock, !isSaving, !isUnsaved || isPreparing { return .release }
    guard isUnsaved, !isPreparing, !isLockCurrent else { return .wait(until: nil) }
    // That there is a login manager again is told by the bus.
    if isConnected, owner == nil { return .wait(until: nil) }
    if now < retry { return .wait(until: retry) }
    return isConnected ? .take : .connect
  }

  mutating func connected(owner: String?) {
    isConnected = true
    self.owner = owner
  }

  mutating func disconnected() {
    isConnected = false
    ownerChanged(to: nil)
  }

  mutating func ownerChanged(to owner: String?) {
    guard owner != self.owner else { return }
    self.owner = owner
    isLockCurrent = false
    isPreparing = false
    // Another one may give what this one refused.
    if owner != nil { forgetFailures() }
  }

  mutating func taken() {
    hasLock = true
    isLockCurrent = true
    forgetFailures()
  }

  mutating func released() {
    hasLock = false
    isLockCurrent = false
  }

  mutating func shutdown(begins: Bool) { isPreparing = begins }

  /// Tried again after 1, 2, 4 and so on seconds, at last once a minute.
  mutating func failed(at now: Instant) {
    retry = now + Seconds(min(60, 1 << min(failures, 6)))
    failures += 1
  }

  /// Something new is unsaved: then it is tried at once.
  mutating func forgetFailures() {
    failures = 0
    retry = Instant(nanoseconds: 0)
  }
}
