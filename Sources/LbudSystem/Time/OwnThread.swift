import CLbud
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Threads for what blocks: it must not hold one of the few that Swift's tasks share.
package enum OwnThread {
  /// Starts a thread that ends when `body` returns.
  /// - Parameter name: at most 15 bytes, as ps(1) shows it.
  /// - Throws: `FileError` where the kernel gives none.
  package static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(FileError) {
    let box = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard failure == 0 else {
      box.release()
      throw FileError("start a thread for", name, code: failure)
    }
    clbud_name_thread(thread, name)
    pthread_detach(thread)
  }

  /// Runs `body` on a thread of its own and waits for it without blocking one.
  package static func run<Result: Sendable>(
    named name: String, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try start(named: name) { continuation.resume(with: Swift.Result(catching: body)) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Runs `other` on a thread of its own while `mine` runs on this one, and waits for both. Where the kernel gives no
  /// thread, one runs after the other.
  /// - Parameter name: at most 15 bytes, as ps(1) shows it.
  static func both<Result: Sendable>(
    named name: String, _ mine: () -> Result, and other: @escaping @Sendable () -> Result
  ) -> (Result, Result) {
    let outcome = Outcome<Result>()
    guard (try? start(named: name, { outcome.finish(other()) })) != nil else { return (mine(), other()) }
    let result = mine()
    return (result, outcome.wait() ?? other())
  }

  /// Handed from one thread to another that waits for it.
  private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = Semaphore()

    func finish(_ value: Value) {
      self.value.withLock { $0 = value }
      done.post()
    }

    func wait() -> Value? {
      done.wait()
      return value.withLock { $0 }
    }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
