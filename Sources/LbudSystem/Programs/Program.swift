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
  /// What has no input is given an empty one. swift-subprocess would take /dev/null, and where there is none ends the process
  /// that asks it: a box may be so at worst.
  static let nothing = ArrayInput.array([])

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
    try within(seconds, path) {
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: list(arguments), environment: environment, input: nothing,
        output: .bytes(limit: limit), error: .string(limit: outputLimit))
      return Ended(
        code: exitCode(result.terminationStatus), output: result.standardOutput, complaint: result.standardError)
    }
  }

  /// Their words are looked at, and shown.
  private static var environment: Environment {
    ChildEnvironment.updating(["LC_ALL": "C"], without: ChildEnvironment.secrets)
  }

  /// swift-subprocess takes them as C strings, and adds no NUL itself.
  private static func list(_ arguments: [[UInt8]]) -> Arguments {
    Arguments(executablePathOverride: nil, remainingValues: arguments.map { $0 + [0] })
  }

  private static func within(
    _ seconds: Int, _ path: String, isInterrupted: (@Sendable () -> Bool)? = nil,
    _ body: @escaping @Sendable () async throws -> Ended
  ) throws -> Ended {
    try Blocking.waiting {
      try await withThrowingTaskGroup(of: Ended.self) { group in
        group.addTask { try await body() }
        group.addTask {
          try await Task.sleep(for: .seconds(seconds))
          throw TookTooLong(path: path, seconds: seconds)
        }
        if let isInterrupted {
          group.addTask {
            while !isInterrupted() { try await Task.sleep(for: .milliseconds(100)) }
            throw CancellationError()
          }
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

  // MARK: With files of lbud's

  /// Open files that a program finds where its standard streams are, and opens by their names. Not by the names that they have
  /// among lbud's own: who may not be dumped has those closed to everybody but root with all its capabilities (proc(5)).
  struct Files {
    /// What it reads as `inputName`.
    var input: Int32
    /// What it writes as `outputName`; nil where its standard output is wanted.
    var output: Int32?
    /// A file in memory that it reads as `memoryName`. What it says to standard error is put behind what is in it.
    var memory: Int32

    static let inputName = "/proc/self/fd/0"
    static let outputName = "/proc/self/fd/1"
    static let memoryName = "/proc/self/fd/2"
  }

  /// The same with files of lbud's.
  /// - Parameter isInterrupted: asked all the time, where it is given: the program is killed when it says so.
  /// - Throws: as the other one, and `FileError`; `CancellationError` where it is interrupted.
  static func run(
    _ path: String, _ arguments: [[UInt8]], with files: Files, within seconds: Int, limit: Int = outputLimit,
    isInterrupted: (@Sendable () -> Bool)? = nil
  ) throws -> Ended {
    let length = try Descriptor.size(files.memory)
    // Opened anew, since where it writes must not be where it reads.
    let name = "/proc/self/fd/\(files.memory)"
    let complaints = Descriptor(
      owning: try retrying("open", name) { systemOpen(name, O_WRONLY | O_APPEND | O_CLOEXEC) })
    let (input, output, error) = (files.input, files.output, complaints.raw)
    var ended = try within(seconds, path, isInterrupted: isInterrupted) {
      guard let output else {
        let result = try await Subprocess.run(
          .path(FilePath(path)), arguments: list(arguments), environment: environment,
          input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
          output: .bytes(limit: limit),
          error: .fileDescriptor(FileDescriptor(rawValue: error), closeAfterSpawningProcess: false))
        return Ended(code: exitCode(result.terminationStatus), output: result.standardOutput, complaint: "")
      }
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: list(arguments), environment: environment,
        input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
        output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: false),
        error: .fileDescriptor(FileDescriptor(rawValue: error), closeAfterSpawningProcess: false))
      return Ended(code: exitCode(result.terminationStatus), output: [], complaint: "")
    }
    ended.complaint = try text(in: files.memory, behind: length)
    return ended
  }

  /// - Returns: what is in a file in memory behind so many bytes, up to `outputLimit` of it.
  static func text(in file: Int32, behind length: UInt64) throws -> String {
    // A program may have cut the file.
    let size = max(length, try Descriptor.size(file))
    let count = Int(clamping: min(size - length, UInt64(outputLimit)))
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try retrying("read", MemoryFile.path) {
      bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(length)) }
    }
    return String(decoding: bytes[..<got], as: UTF8.self)
  }
}
