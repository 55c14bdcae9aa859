import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Wakes a thread that sleeps in poll(2), from any other: an eventfd(2).
package final class Wakeup: Sendable {
  /// What else ends the sleep: a descriptor, with poll(2)'s events.
  package typealias Source = (descriptor: Int32, events: Int16)

  private let descriptor: Descriptor

  /// - Throws: `FileError` where the kernel gives no descriptor.
  package init() throws(FileError) {
    let raw = clbud_eventfd()
    guard raw >= 0 else { throw FileError("make an eventfd for", "a thread") }
    descriptor = Descriptor(owning: raw)
  }

  package func raise() {
    var one: UInt64 = 1
    // The counter's overflow is the only failure, and then the thread is awake.
    _ = write(descriptor.raw, &one, 8)
  }

  /// Sleeps until it is raised, the deadline has come, or a source has something; takes back what was raised. It may return
  /// for nothing.
  /// - Returns: whether a source has something.
  @discardableResult
  package func wait(until deadline: Instant?, or sources: [Source] = []) -> Bool {
    var polled = [pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)]
    polled += sources.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    guard poll(&polled, nfds_t(polled.count), deadline.map(Self.milliseconds) ?? -1) >= 0 else { return false }
    var counter: UInt64 = 0
    if polled[0].revents != 0 { _ = read(descriptor.raw, &counter, 8) }
    return polled.dropFirst().contains { $0.revents != 0 }
  }

  /// Rounded up, so that the deadline has come when poll(2) returns.
  static func milliseconds(until deadline: Instant) -> Int32 {
    let nanoseconds = max(0, deadline.nanoseconds - SystemClock.now().nanoseconds)
    return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
  }
}
