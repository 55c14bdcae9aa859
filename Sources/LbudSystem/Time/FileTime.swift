#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// When something happened to a file. Seconds and nanoseconds apart: anybody can date a file so far from 1970 that
/// nanoseconds alone do not fit 64 bits.
package struct FileTime: Hashable, Comparable, Sendable {
  /// Since 1970.
  package var seconds: Int64
  /// 0 to 999,999,999.
  package var nanoseconds: Int64

  package init(seconds: Int64, nanoseconds: Int64 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  init(_ time: timespec) {
    self.init(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }

  static let distantPast = FileTime(seconds: .min)

  package static func < (left: FileTime, right: FileTime) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Whether it is at or after the other, and by less than a tenth of a second.
  func isSoonAfter(_ other: FileTime) -> Bool {
    guard self >= other else { return false }
    let (seconds, overflow) = seconds.subtractingReportingOverflow(other.seconds)
    return !overflow && seconds <= 1 && seconds * 1_000_000_000 + nanoseconds - other.nanoseconds < 100_000_000
  }
}
