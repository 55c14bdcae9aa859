import CLbud
import DequeModule
import Glibc
import LbudCore
import LbudSystem
import Synchronization

/// The thread of the one actor that owns the pipeline: it runs the actor's jobs, and sleeps in poll(2) until there is a
/// job, an event, or the deadline has come. Looking at files blocks, so this must not be one of the shared pool's.
final class DaemonThread: SerialExecutor {
  private struct State {
    var jobs = Deque<UnownedJob>()
    var isStopping = false
    var deadline: Instant?
    /// Descriptors to wait for, with poll(2)'s events.
    var sources: [(descriptor: Int32, events: Int16)] = []
    /// Called on the thread when a source has something, or the deadline has come.
    var onWake: (@Sendable () -> Void)?
    /// The thread itself, once it runs.
    var thread: pthread_t?
  }

  private let state = Mutex(State())
  private let wakeup: Int32

  /// - Throws: `FileError` where the kernel gives no descriptor or no thread.
  init() throws(FileError) {
    wakeup = clbud_eventfd()
    guard wakeup >= 0 else { throw FileError("make an eventfd for", "the daemon's thread") }
    do throws(FileError) {
      try OwnThread.start(named: "lbud-pipeline") { [self] in run() }
    } catch {
      close(wakeup)
      throw error
    }
  }

  deinit { close(wakeup) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    wake()
  }

  func listen(to sources: [(descriptor: Int32, events: Int16)], onWake: @escaping @Sendable () -> Void) {
    state.withLock {
      $0.sources = sources
      $0.onWake = onWake
    }
    wake()
  }

  /// When to wake up at the latest; nil for never.
  func setDeadline(_ deadline: Instant?) { state.withLock { $0.deadline = deadline } }

  /// Ends the thread once its jobs are done.
  func stop() {
    state.withLock {
      $0.isStopping = true
      $0.onWake = nil
      $0.sources = []
    }
    wake()
  }

  private func wake() {
    var one: UInt64 = 1
    // The counter's overflow is the only failure, and then the thread is awake.
    _ = write(wakeup, &one, 8)
  }

  /// `onWake` is no job, and yet on the actor's thread: the runtime asks here.
  func checkIsolated() {
    let thread = state.withLock { $0.thread }
    precondition(thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false, "not on the daemon's thread")
  }

  private func run() {
    state.withLock { $0.thread = pthread_self() }
    while true {
      while let job = state.withLock({ $0.jobs.popFirst() }) { job.runSynchronously(on: asUnownedSerialExecutor()) }
      let (isStopping, onWake) = state.withLock { ($0.isStopping && $0.jobs.isEmpty, $0.onWake) }
      if isStopping { return }
      if sleep() { onWake?() }
    }
  }

  /// - Returns: whether a source has something or the deadline has come.
  private func sleep() -> Bool {
    let (sources, deadline) = state.withLock { ($0.sources, $0.deadline) }
    var polled = [pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0)]
    polled += sources.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    let count = poll(&polled, nfds_t(polled.count), Self.timeout(until: deadline))
    guard count >= 0 else { return false }
    var counter: UInt64 = 0
    if polled[0].revents != 0 { _ = read(wakeup, &counter, 8) }
    if polled.dropFirst().contains(where: { $0.revents != 0 }) { return true }
    return deadline.map { $0 <= SystemClock.now() } ?? false
  }

  /// Milliseconds, rounded up, so that the deadline has come when poll(2) returns.
  private static func timeout(until deadline: Instant?) -> Int32 {
    guard let deadline else { return -1 }
    let nanoseconds = max(0, deadline.nanoseconds - SystemClock.now().nanoseconds)
    return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
  }
}
