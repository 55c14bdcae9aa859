import LbudCore
import LbudSystem
import Synchronization

/// Something that may hang with a medium: it goes on by itself, and nobody waits for it for ever.
final class Attempt<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  init(_ body: @escaping @Sendable () async throws -> Value) {
    Task.detached { [self] in
      let ended: Result<Value, any Error>
      do { ended = .success(try await body()) } catch { ended = .failure(error) }
      result.withLock { $0 = ended }
    }
  }

  /// What came of it; nil while it goes on.
  var ended: Result<Value, any Error>? { result.withLock { $0 } }

  /// - Returns: nil where it goes on after so long.
  func ended(within seconds: Int) async -> Result<Value, any Error>? {
    let end = SystemClock.now() + Seconds(Int64(seconds))
    var pause = 1
    while ended == nil, SystemClock.now() < end {
      try? await Task.sleep(for: .milliseconds(pause))
      pause = min(2 * pause, 50)
    }
    return ended
  }
}
