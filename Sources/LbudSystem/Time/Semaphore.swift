#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// sem_t of POSIX, for a thread that blocks until another one, or a task, has something for it. `@unchecked`: sem_post(3)
/// and sem_wait(3) are made for being called from several threads.
package final class Semaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  package func post() { sem_post(semaphore) }

  /// Blocks the calling thread, which must be none of the pool's.
  package func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }
}
