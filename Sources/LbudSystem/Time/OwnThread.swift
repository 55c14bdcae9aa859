import CLbud

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

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
