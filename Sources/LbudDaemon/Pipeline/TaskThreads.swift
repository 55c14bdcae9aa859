import DequeModule
import LbudCore
import LbudSystem
import Synchronization

// Not public yet: Swift 6.3 has it as what its own executors are made of. Another compiler gets libdispatch's, which wakes up
// once a second and is as good else.
#if compiler(>=6.3) && compiler(<6.4)
  @_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency
#endif

/// The threads for tasks that belong to no actor, in the place of libdispatch's: as soon as that has had a thread it wakes up
/// once a second, for ever, to see how its threads fare (libdispatch `event/workqueue.c`, `_dispatch_workq_monitor_pools`),
/// and lbud is to rest when there is nothing to do.
///
/// What blocks has a thread of its own (`OwnThread`), so that two are enough.
final class TaskThreads: TaskExecutor {
  private struct State {
    var jobs = Deque<UnownedJob>()
    /// By the time when they are to run; of those with the same time the earlier one first.
    var later: [(due: Instant, job: UnownedJob)] = []
    /// Threads that have nothing to do. Each sleeps until the first of the later ones is due.
    var sleeping: [Doorbell] = []
  }

  private let state = Mutex(State())

  static let count = 2

  static let shared = TaskThreads()

  private init() {}

  /// Takes over all tasks; to be called before any is made.
  /// - Throws: `FileError` where the kernel gives no thread.
  static func install() throws(FileError) {
    #if compiler(>=6.3) && compiler(<6.4)
      for _ in 0..<count {
        let bell = Doorbell()
        try OwnThread.start(named: "lbud-tasks") { shared.run(bell) }
      }
      _createExecutors(factory: Factory.self)
    #endif
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let sleeper = state.withLock { state in
      state.jobs.append(job)
      return state.sleeping.popLast()
    }
    sleeper?.ring()
  }

  private func enqueue(_ job: UnownedJob, due: Instant) {
    let sleeper = state.withLock { state -> Doorbell? in
      let place = state.later.firstIndex { $0.due > due } ?? state.later.count
      state.later.insert((due, job), at: place)
      // Whoever sleeps until another one is due has to learn of an earlier one.
      return place == 0 ? state.sleeping.popLast() : nil
    }
    sleeper?.ring()
  }

  private func run(_ bell: Doorbell) {
    while true {
      let now = SystemClock.now()
      let (job, deadline) = state.withLock { state -> (UnownedJob?, Instant?) in
        while let first = state.later.first, first.due <= now {
          state.jobs.append(first.job)
          state.later.removeFirst()
        }
        if let job = state.jobs.popFirst() { return (job, nil) }
        state.sleeping.append(bell)
        return (nil, state.later.first?.due)
      }
      if let job {
        job.runSynchronously(on: asUnownedTaskExecutor())
      } else {
        bell.wait(until: deadline)
        state.withLock { $0.sleeping.removeAll { $0 === bell } }
      }
    }
  }
}

#if compiler(>=6.3) && compiler(<6.4)
  extension TaskThreads: SchedulingExecutor {
    func enqueue<C: Clock>(
      _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
      // Both of Swift's clocks have this one.
      enqueue(UnownedJob(job), due: SystemClock.now() + (delay as? Swift.Duration ?? .zero))
    }
  }

  private struct Factory: ExecutorFactory {
    static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
    static var defaultExecutor: any TaskExecutor { TaskThreads.shared }
  }
#endif
