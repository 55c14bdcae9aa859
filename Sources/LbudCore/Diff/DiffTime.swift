#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Times as they stand behind the names in the header of a diff.
package enum DiffTime {
  /// What GNU diff -N writes for a side that has no such file.
  package static let ofNothing = text(seconds: 0, nanoseconds: 0)

  /// In UTC, as `2026-11-27 04:40:00.000000000 +0000`.
  /// - Parameter seconds: since 1970.
  package static func text(seconds: Int64, nanoseconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    // A year that does not fit an Int32: anybody can date a file so.
    guard gmtime_r(&time, &parts) != nil else { return "@\(seconds).\(padded(nanoseconds, 9))" }
    let date =
      "\(padded(Int64(parts.tm_year) + 1900, 4))-\(padded(Int64(parts.tm_mon) + 1, 2))-\(padded(parts.tm_mday, 2))"
    let clock = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
    return "\(date) \(clock).\(padded(nanoseconds, 9)) +0000"
  }

  /// The same for sentences: `2026-11-27 04:40:00 UTC`.
  /// - Parameter seconds: since 1970.
  package static func utc(_ seconds: Int64) -> String {
    let text = text(seconds: seconds, nanoseconds: 0)
    return text.hasPrefix("@") ? text : text.prefix(19) + " UTC"
  }

  private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
