import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The clocks, read in one place.
package enum SystemClock {
  /// `CLOCK_BOOTTIME`.
  package static func now() -> Instant { Instant(nanoseconds: read(CLOCK_BOOTTIME)) }

  /// Nanoseconds of `CLOCK_MONOTONIC`, which sd_notify(3) wants.
  package static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Nanoseconds since 1970.
  package static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

  /// The clock that file systems stamp files by: it moves once a tick. A file whose ctime is not before it may be
  /// written once more without its ctime moving (git calls such files racy).
  static func fileStamp() -> FileTime { FileTime(time(CLOCK_REALTIME_COARSE)) }

  private static func read(_ clock: clockid_t) -> Int64 {
    let time = time(clock)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  private static func time(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)
    return time
  }
}
