import Glibc
import LbudCore
import LbudSystem
import Logging
import Synchronization

/// Tells the service manager how lbud is doing. Where nobody wants to be told (no NOTIFY_SOCKET) it has no thread and does
/// nothing; else a thread of its own sends, since a service manager that does not read must not hold up a commit.
package final class Notifier: Sendable {
  private struct State {
    var outbox: [NotifyMessage] = []
    var status: NotifyMessage?
    var toldStatus: NotifyMessage?
    /// When a sign of life is due, and whether the last one asked for has come.
    var nextAlive: Instant?
    var isAsking = false
    /// When more time for the end is asked for, and until when that is done.
    var nextExtension: Instant?
    var lastExtension: Instant?
    var isEnding = false
    var saidError: Int32?
  }

  private let calls: any ServiceManagerCalls.Type
  private let state = Mutex(State())
  private let wakeup: Wakeup?
  private let ended: Wakeup?
  private let logger: Logger
  private let isAlive: @Sendable () async -> Void
  /// Half of what the service manager waits for a sign of life, in nanoseconds.
  private let pulse: Int64?

  /// How long each request for more time is good for, and how often it is repeated.
  private static let extensionSeconds: UInt64 = 30
  private static let extensionPause: Seconds = 10
  /// No medium is waited for longer than that: it hangs.
  private static let extensionLimit: Seconds = 120

  /// - Parameter isAlive: returns when lbud has answered: only then the service manager gets a sign of life, and only
  ///   where it wants one (WATCHDOG_USEC).
  package init(
    logger: Logger, calls: any ServiceManagerCalls.Type = BuiltInCalls.self,
    isAlive: @escaping @Sendable () async -> Void
  ) {
    self.logger = logger
    self.calls = calls
    self.isAlive = isAlive
    let wakeup = getenv("NOTIFY_SOCKET") == nil ? nil : try? Wakeup()
    let ended = wakeup == nil ? nil : try? Wakeup()
    self.wakeup = wakeup
    self.ended = ended
    pulse = wakeup == nil ? nil : calls.watchdogInterval().map { Int64(clamping: max(1, $0 / 2) * 1000) }
    guard let wakeup, let ended else { return }
    if let pulse { state.withLock { $0.nextAlive = Self.now(after: pulse) } }
    do {
      try OwnThread.start(named: "lbud-notify") { [self] in
        run(wakeup)
        ended.raise()
      }
    } catch {
      logger.warning("the service manager is told nothing: \(error)")
      ended.raise()
    }
  }

  // MARK: What is told

  package func ready() { post(.ready) }

  /// Only sent where it is another line than the last time.
  package func status(_ line: String) {
    guard let wakeup else { return }
    state.withLock { $0.status = .status(line) }
    wakeup.raise()
  }

  /// The settings are being loaded again; `ready` is to be called when they are.
  package func reloading() {
    post(.reloading(at: UInt64(SystemClock.monotonicNanoseconds()) / 1000))
  }

  /// lbud ends, after a last commit: the service manager is asked for time until that is made, for two minutes at most.
  package func stopping() {
    guard let wakeup else { return }
    let now = SystemClock.now()
    state.withLock {
      $0.outbox.append(.stopping)
      $0.nextExtension = now
      $0.lastExtension = now + Self.extensionLimit
    }
    wakeup.raise()
  }

  /// Sends what is left, and ends. A service manager that does not read is waited for one second.
  package func end() {
    guard let wakeup, let ended else { return }
    state.withLock { $0.isEnding = true }
    wakeup.raise()
    ended.wait(until: SystemClock.now() + 1)
  }

  private func post(_ message: NotifyMessage) {
    guard let wakeup else { return }
    state.withLock { $0.outbox.append(message) }
    wakeup.raise()
  }

  // MARK: The thread

  private func run(_ wakeup: Wakeup) {
    while true {
      let (messages, isEnding, isPulseDue, deadline) = state.withLock { Self.takeDue(&$0, pulse) }
      for message in messages { send(message) }
      if isEnding { return }
      if isPulseDue { askForLife() }
      wakeup.wait(until: deadline)
    }
  }

  private static func takeDue(
    _ state: inout State, _ pulse: Int64?
  ) -> (messages: [NotifyMessage], isEnding: Bool, isPulseDue: Bool, deadline: Instant?) {
    let now = SystemClock.now()
    var messages = state.outbox
    state.outbox = []
    if let status = state.status, status != state.toldStatus {
      messages.append(status)
      state.toldStatus = status
    }
    if let next = state.nextExtension, next <= now {
      messages.append(.extendTimeout(seconds: extensionSeconds))
      let following = now + extensionPause
      state.nextExtension = state.lastExtension.map { following < $0 } ?? false ? following : nil
    }
    var isPulseDue = false
    if let pulse, let next = state.nextAlive, next <= now {
      state.nextAlive = Self.now(after: pulse)
      // Who has not answered yet is not asked again.
      isPulseDue = !state.isAsking
      state.isAsking = true
    }
    let deadline = [state.nextAlive, state.nextExtension].compactMap(\.self).min()
    return (messages, state.isEnding, isPulseDue, deadline)
  }

  private func askForLife() {
    Task {
      await isAlive()
      state.withLock { $0.isAsking = false }
      post(.alive)
    }
  }

  private func send(_ message: NotifyMessage) {
    let result = calls.notify(message)
    let isNew = state.withLock { state in
      defer { state.saidError = result < 0 ? result : nil }
      return state.saidError != result
    }
    guard result < 0 else { return }
    let socket = getenv("NOTIFY_SOCKET").map { String(cString: $0) } ?? ""
    logger.log(
      level: isNew ? .warning : .debug,
      "cannot tell the service manager how lbud is doing, at \(displayText(of: socket.utf8)): \(errorText(-result))")
  }

  private static func now(after nanoseconds: Int64) -> Instant {
    let (sum, overflow) = SystemClock.now().nanoseconds.addingReportingOverflow(nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }
}
