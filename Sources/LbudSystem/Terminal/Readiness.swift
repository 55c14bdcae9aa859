import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// poll(2), for a program that waits for several things.
package enum Readiness {
  /// Sleeps until one of the sources has something or the deadline has come. It may return for nothing.
  /// - Returns: the events of each source, in their order; errors and a hangup are among them though nobody asked.
  package static func wait(until deadline: Instant?, for sources: [Wakeup.Source]) -> [Int16] {
    var polled = sources.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    let count = poll(&polled, nfds_t(polled.count), deadline.map(Wakeup.milliseconds) ?? -1)
    return count > 0 ? polled.map(\.revents) : sources.map { _ in 0 }
  }
}
