import Glibc
import Logging

/// Where the log goes: to the journal where standard error is connected to it, else to standard error.
package enum LogDestination {
  package static func handler(label: String) -> any LogHandler {
    let plain = PlainLogHandler(label: label)
    #if Systemd
      if isJournal(descriptor: 2, stream: getenv("JOURNAL_STREAM").map { String(cString: $0) }) {
        return JournalLogHandler(label: label, fallback: plain)
      }
    #endif
    return plain
  }

  /// Whether a descriptor is the one that JOURNAL_STREAM names by `DEVICE:INODE`, see systemd.exec(5): a shell in between
  /// may have sent it elsewhere.
  static func isJournal(descriptor: Int32, stream: String?) -> Bool {
    let numbers = (stream ?? "").split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
    var status = stat()
    guard numbers.count == 2, fstat(descriptor, &status) == 0 else { return false }
    return numbers[0] == UInt64(status.st_dev) && numbers[1] == UInt64(status.st_ino)
  }
}
