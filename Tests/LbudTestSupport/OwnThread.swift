import Glibc

/// Runs a blocking body on a thread of its own: on the cooperative pool two of them would starve each other.
package func startThread(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let failure = pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer else { return nil }
      Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
      return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
  precondition(failure == 0, "pthread_create: \(failure)")
  pthread_detach(thread)
}

private final class Box: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
