import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Wakes a thread that has nothing else to wait for: no system call of whoever rings can fail and leave it asleep, as a write
/// to an eventfd could.
package final class Doorbell: Sendable {
  // Never moved, and used by these functions alone.
  private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private nonisolated(unsafe) let isRung = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // The clock of the wall may be set.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
    isRung.initialize(to: false)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
    isRung.deallocate()
  }

  package func ring() {
    pthread_mutex_lock(mutex)
    isRung.pointee = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps until it is rung or the deadline has come, and takes back that it was rung. It may return for nothing.
  package func wait(until deadline: Instant?) {
    pthread_mutex_lock(mutex)
    defer {
      isRung.pointee = false
      pthread_mutex_unlock(mutex)
    }
    guard let deadline else {
      while !isRung.pointee { pthread_cond_wait(condition, mutex) }
      return
    }
    guard !isRung.pointee else { return }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = SystemClock.now()
    let left = deadline > now ? deadline.nanoseconds - now.nanoseconds : 0
    let nanoseconds = Int64(time.tv_nsec) + left % 1_000_000_000
    time.tv_sec += Int(left / 1_000_000_000 + nanoseconds / 1_000_000_000)
    time.tv_nsec = Int(nanoseconds % 1_000_000_000)
    pthread_cond_timedwait(condition, mutex, &time)
  }
}
