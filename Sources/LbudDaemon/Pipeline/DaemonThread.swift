import DequeModule
import Glibc
import LbudCore
import LbudSystem
import Synchronization

/// The thread of the one actor that owns the pipeline: it runs the actor's jobs, and sleeps in poll(2) until there is a
/// job, an event, or the deadline has come. Looking at files blocks, so this must not be one of the shared pool's.
///
/// After it has seen to what woke it, it rests for a moment, in which events gather: to see to each of a storm as it comes would
/// take half a processor. A job is done at once all the same, and whoever asks by one has all events taken in.
final class DaemonThread: SerialExecutor {
  private static let rest = Duration.milliseconds(3)

  private struct State {
    var jobs = Deque<UnownedJob>()
    var isStopping = false
    var deadline: Instant?
    var sources: [Wakeup.Source] = []
    /// Called on the thread when a source has something, or the deadline has come.
    var onWake: (@Sendable () -> Void)?
    /// The thread itself, once it runs.
    var thread: pthread_t?
  }

  private let state = Mutex(State())
  private let wakeup: Wakeup

  /// - Throws: `FileError` where the kernel gives no descriptor or no thread.
  init() throws(FileError) {
    wakeup = try Wakeup()
    try OwnThread.start(named: "lbud-pipeline") { [self] in run() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    wakeup.raise()
  }

  func listen(to sources: [Wakeup.Source], onWake: @escaping @Sendable () -> Void) {
    state.withLock {
      $0.sources = sources
      $0.onWake = onWake
    }
    wakeup.raise()
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
    wakeup.raise()
  }

  /// `onWake` is no job, and yet on the actor's thread: the runtime asks here.
  func checkIsolated() {
    let thread = state.withLock { $0.thread }
    precondition(thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false, "not on the daemon's thread")
  }

  private func run() {
    state.withLock { $0.thread = pthread_self() }
    var restEnd = Instant(nanoseconds: 0)
    while true {
      while let job = state.withLock({ $0.jobs.popFirst() }) { job.runSynchronously(on: asUnownedSerialExecutor()) }
      let (isStopping, onWake) = state.withLock { ($0.isStopping && $0.jobs.isEmpty, $0.onWake) }
      if isStopping { return }
      if restEnd > SystemClock.now() {
        wakeup.wait(until: restEnd)
      } else if sleep() {
        onWake?()
        restEnd = SystemClock.now() + Self.rest
      }
    }
  }

  /// - Returns: whether a source has something or the deadline has come.
  private func sleep() -> Bool {
    let (sources, deadline) = state.withLock { ($0.sources, $0.deadline) }
    if wakeup.wait(until: deadline, or: sources) { return true }
    return deadline.map { $0 <= SystemClock.now() } ?? false
  }
}
