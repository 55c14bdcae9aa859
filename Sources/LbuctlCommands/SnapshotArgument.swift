import ArgumentParser
import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// A snapshot on the command line: a number, a time in the machine's time zone, or the name of a file.
struct SnapshotArgument: ExpressibleByArgument {
  static let help =
    "A snapshot: -1 (the one before the newest), yesterday, 2026-11-24, 2h (as of two hours ago), or a file's name."

  let reference: SnapshotReference

  init?(argument: String) {
    let bytes = NameArgument(argument: argument).bytes
    guard let reference = SnapshotReference(bytes, calendar: .system) else { return nil }
    self.reference = reference
  }

  var report: ReferenceReport { ReferenceReport(reference) }
}

extension SnapshotReference.Calendar {
  /// By the clock and the time zone of this process.
  static var system: SnapshotReference.Calendar {
    SnapshotReference.Calendar(
      now: SystemClock.wallNanoseconds() / 1_000_000_000,
      seconds: { local in
        var parts = tm()
        parts.tm_year = Int32(local.year - 1900)
        parts.tm_mon = Int32(local.month - 1)
        parts.tm_mday = Int32(local.day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(local.hour), Int32(local.minute), Int32(local.second))
        // Whether it is summer then, the time zone says.
        parts.tm_isdst = -1
        return Int64(mktime(&parts))
      },
      local: { seconds in
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        return SnapshotReference.LocalTime(
          year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
          hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
      })
  }
}
