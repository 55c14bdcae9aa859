import LbudTestSupport
import Testing

/// Runs each test on threads of its own. What calls a program blocks until a task of the pool has its result: on the pool
/// two such tests would wait for ever.
struct OnOwnThread: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(Threads()) { try await function() }
  }

  private final class Threads: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      startThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
}

extension Trait where Self == OnOwnThread {
  static var onOwnThread: Self { Self() }
}
