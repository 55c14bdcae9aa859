import ArgumentParser
import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// A snapshot on the command line: a number, a time in the machine's time zone, or the name of a file.
struct SnapshotArgument: ExpressibleByArgument {
  static let help =
    "A snapshot: -1 (the one before the newest), yesterday, 2026-11-24, 2h (as of two hours ago), or a file's name."

  private let bytes: [UInt8]
  /// Nil for a number or a time that cannot be.
  private let reference: SnapshotReference?

  init(argument: String) {
    bytes = NameArgument(argument: argument).bytes
    reference = SnapshotReference(bytes, calendar: .system)
  }

  /// - Throws: `Failure` where it names none. The parser of arguments could not say why.
  var report: ReferenceReport {
    get throws(Failure) {
      if let reference { return ReferenceReport(reference) }
      throw Failure(
        .usage, "'\(displayText(of: bytes))' is no snapshot: \(reason)", hint: "lbuctl log shows which there are")
    }
  }

  /// Whether it is `-1`, `-2`.
  static func isNumber(_ bytes: [UInt8]) -> Bool { bytes.first == UInt8(ascii: "-") && areDigits(bytes.dropFirst()) }

  private var reason: String {
    if Self.isNumber(bytes) { return "there are not so many" }
    if Self.areDigits(bytes[...]) {
      return "write -\(displayText(of: bytes)) for a number, or a time, or a file's name"
    }
    return "there is no such time; write it as 2026-11-24, 2026-11-24T22:10 or 2026-11-24T22:10:01Z"
  }

  private static func areDigits(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
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
