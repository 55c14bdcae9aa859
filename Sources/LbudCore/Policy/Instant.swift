/// A moment on a clock that only goes forward and counts the time asleep too (`CLOCK_BOOTTIME`), in nanoseconds.
package struct Instant: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func + (instant: Instant, seconds: Seconds) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(seconds.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  package static func + (instant: Instant, delay: Duration) -> Instant {
    let (seconds, attoseconds) = delay.components
    let whole = instant + Seconds(seconds)
    let (sum, overflow) = whole.nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  /// Seconds from the earlier to this one; negative if that one is later.
  package func seconds(since earlier: Instant) -> Double {
    Double(nanoseconds - earlier.nanoseconds) / 1e9
  }
}

/// A whole number of seconds, as settings give them.
package struct Seconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
  package var count: Int64

  package init(_ count: Int64) { self.count = count }
  package init(integerLiteral value: Int64) { count = value }

  var nanoseconds: Int64 {
    let (product, overflow) = count.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product
  }

  package static func < (left: Seconds, right: Seconds) -> Bool { left.count < right.count }
}
