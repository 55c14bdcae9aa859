import LbudCore
import Subprocess
import SystemPackage

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Programs of the system that lbud calls from a thread of its own: mount, blkid, fsck, openssl.
enum Program {
  /// How one ended.
  struct Ended: Sendable {
    /// The exit code; nil where a signal ended it.
    var code: Int32?
    var output: [UInt8]
    /// What it wrote to standard error.
    var complaint: String

    /// The last line of what it said, for a message; without where util-linux says that there is more to read.
    var lastWords: String {
      let lines = (output + [UInt8(ascii: "\n")] + Array(complaint.utf8)).split(separator: UInt8(ascii: "\n"))
        .map { displayText(of: $0.drop { $0 == UInt8(ascii: " ") }) }
      return lines.last { !$0.hasPrefix("dmesg(1)") && !$0.hasPrefix("Try '") } ?? "it says nothing"
    }
  }

  static let outputLimit = 1 << 20

  /// Where a program is; nil where it is not installed. Not by `PATH` alone: a service may have been given a short one.
  static func find(_ name: String) -> String? {
    for folder in ["/sbin", "/usr/sbin", "/bin", "/usr/bin"] where access(folder + "/" + name, X_OK) == 0 {
      return folder + "/" + name
    }
    return nil
  }

  /// Runs a program to its end. Blocks: only for threads that are lbud's own.
  /// - Parameters:
  ///   - path: as `find` returns it.
  ///   - seconds: after so long it is killed.
  ///   - limit: bytes of output; more is an error.
  /// - Throws: what swift-subprocess throws where it cannot be started, and `TookTooLong`.
  static func run(_ path: String, _ arguments: [[UInt8]], within seconds: Int, limit: Int = outputLimit) throws -> Ended
  {
    // swift-subprocess takes them as C strings, and adds no NUL itself.
    let terminated = arguments.map { $0 + [0] }
    return try Blocking.waiting {
      try await withThrowingTaskGroup(of: Ended.self) { group in
        group.addTask {
          let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(executablePathOverride: nil, remainingValues: terminated),
            // Their words are looked at, and shown.
            environment: ChildEnvironment.updating(["LC_ALL": "C"], without: ChildEnvironment.secrets),
            output: .bytes(limit: limit),
            error: .string(limit: outputLimit))
          return Ended(
            code: exitCode(result.terminationStatus), output: result.standardOutput, complaint: result.standardError)
        }
        group.addTask {
          try await Task.sleep(for: .seconds(seconds))
          throw TookTooLong(path: path, seconds: seconds)
        }
        defer { group.cancelAll() }
        guard let ended = try await group.next() else { throw TookTooLong(path: path, seconds: seconds) }
        return ended
      }
    }
  }

  private static func exitCode(_ status: TerminationStatus) -> Int32? {
    if case .exited(let code) = status { return Int32(code) }
    return nil
  }

  struct TookTooLong: Error, CustomStringConvertible {
    var path: String
    var seconds: Int
    var description: String { "\(path) did not end within \(seconds) seconds" }
  }
}
