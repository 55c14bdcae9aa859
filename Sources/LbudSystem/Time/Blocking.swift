import Synchronization

/// What is made of tasks, for a thread that has nothing to do but to wait for it.
package enum Blocking {
  /// Blocks the calling thread, which must not be one of the pool's, until a task of the pool has the result.
  /// - Throws: what `body` throws.
  package static func waiting<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) throws -> Result {
    let box = Outcome<Result>()
    Task.detached {
      do { box.finish(.success(try await body())) } catch { box.finish(.failure(error)) }
    }
    return try box.wait().get()
  }

  /// Handed from the task to the thread that waits for it.
  private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)
    private let done = Semaphore()

    func finish(_ result: Result<Value, any Error>) {
      value.withLock { $0 = result }
      done.post()
    }

    func wait() -> Result<Value, any Error> {
      done.wait()
      return value.withLock { $0 } ?? .failure(CancellationError())
    }
  }
}
