import CLbud
import LbudCore
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One program of somebody else's, run to its end or to the end of its time, its output passed on as it comes.
///
/// It has a process group of its own, which is ended as a whole. Its end is that of the program itself, not that of its
/// output: what it has started may keep the pipe open for ever.
struct HookProcess: Sendable {
  enum End: Equatable {
    case exited(Int32)
    case signaled(Int32)
    case tookTooLong
    case notRun(String)
  }

  var path: FilePath
  var directory: FilePath
  var environment: Environment
  var timeout: Seconds

  /// How long the group has between SIGTERM and SIGKILL, and SIGKILL to be obeyed.
  private static let grace: Seconds = 2
  /// How long the kernel may take to start it, which is none of its time.
  private static let startLimit: Seconds = 60
  private static let chunk = 64 * 1024

  /// Blocks: only for threads that are lbud's own.
  /// - Parameter output: takes what it writes, standard output and standard error as they come. While it does not return,
  ///   the program waits as soon as the pipe is full.
  func run(_ output: ([UInt8]) -> Void) -> End {
    // Somebody may have the file open for writing at this moment; ETXTBSY of execve(2).
    for _ in 0..<50 {
      do throws(FileError) {
        let attempt = Attempt(pipe: try Pipe(), wakeup: try Wakeup())
        start(attempt)
        if let end = follow(attempt, output) { return end }
      } catch {
        return .notRun(error.reason)
      }
      usleep(20_000)
    }
    return .notRun(errorText(ETXTBSY))
  }

  // MARK: The program

  private func start(_ attempt: Attempt) {
    let (path, directory, environment) = (path, directory, environment)
    // A thread waits for it: it goes before what nobody waits for.
    Task.detached(priority: .high) {
      var options = PlatformOptions()
      options.processGroupID = 0
      do {
        let result = try await Subprocess.run(
          .path(path), environment: environment, workingDirectory: directory, platformOptions: options,
          input: Program.nothing,
          output: .fileDescriptor(
            FileDescriptor(rawValue: attempt.pipe.writing.raw), closeAfterSpawningProcess: false),
          error: .combinedWithOutput
        ) { attempt.started(as: $0.processIdentifier.value) }
        attempt.ended(Self.end(result.terminationStatus))
      } catch {
        attempt.ended(Self.failure(error, path))
      }
    }
  }

  private static func end(_ status: TerminationStatus) -> End {
    switch status {
    case .exited(let code): .exited(code)
    case .signaled(let signal): .signaled(signal)
    }
  }

  private static func failure(_ error: any Error, _ path: FilePath) -> End {
    guard let error = error as? SubprocessError, let code = error.underlyingError?.rawValue else {
      return .notRun("\(error)")
    }
    // swift-subprocess says of several reasons only that nothing could be run.
    guard code == ENOENT else { return .notRun(errorText(code)) }
    guard path.withPlatformString({ access($0, X_OK) }) == 0 else { return .notRun(errorText(errno)) }
    return .notRun("the interpreter that it names is not there")
  }

  // MARK: Its time and its output

  /// - Returns: nil where it is to be tried again.
  private func follow(_ attempt: Attempt, _ output: ([UInt8]) -> Void) -> End? {
    let reading = attempt.pipe.reading.raw
    var patience = Patience(until: SystemClock.now() + Self.startLimit)
    var isStarted = false
    while true {
      if attempt.wakeup.wait(until: patience.next, or: [(reading, Int16(POLLIN))]) { pass(on: reading, output) }
      let (process, end) = attempt.state
      if process != nil, !isStarted {
        isStarted = true
        patience = Patience(until: SystemClock.now() + timeout)
      }
      let isOver = end != nil && (patience.signal == nil || !isGroupThere(process))
      if isOver || patience.isExhausted {
        // What it has written before its end; of what it has started nothing more is waited for.
        drain(reading, output)
        if patience.signal != nil { return .tookTooLong }
        return end == .notRun(errorText(ETXTBSY)) ? nil : end
      }
      if let signal = patience.nextSignal(at: SystemClock.now(), grace: Self.grace), let process {
        kill(-process, signal)
      }
    }
  }

  private func isGroupThere(_ process: pid_t?) -> Bool {
    process.map { kill(-$0, 0) == 0 || errno != ESRCH } ?? false
  }

  private func pass(on reading: Int32, _ output: ([UInt8]) -> Void) {
    var bytes = [UInt8](repeating: 0, count: Self.chunk)
    let count = bytes.withUnsafeMutableBytes { systemRead(reading, $0) }
    if count > 0 { output(Array(bytes[..<count])) }
  }

  private func drain(_ reading: Int32, _ output: ([UInt8]) -> Void) {
    var rest = Int(clbud_readable_bytes(reading))
    while rest > 0 {
      pass(on: reading, output)
      rest -= Self.chunk
    }
  }

  /// What is done when the time is over, and when that did not help.
  private struct Patience {
    private var deadline: Instant
    /// The last one that was sent.
    private(set) var signal: Int32?
    private(set) var isExhausted = false

    init(until deadline: Instant) { self.deadline = deadline }

    /// Of the end of a group nobody is told: it is looked at.
    var next: Instant {
      signal == nil
        ? deadline : min(deadline, Instant(nanoseconds: SystemClock.now().nanoseconds + 20_000_000))
    }

    mutating func nextSignal(at now: Instant, grace: Seconds) -> Int32? {
      guard now >= deadline else { return nil }
      deadline = now + grace
      switch signal {
      case nil: signal = SIGTERM
      case SIGTERM: signal = SIGKILL
      // It hangs in the kernel.
      default: isExhausted = true
      }
      return isExhausted ? nil : signal
    }
  }

  /// What the task that waits for the program and the thread that reads its output know of each other.
  private final class Attempt: Sendable {
    let pipe: Pipe
    let wakeup: Wakeup
    private let known = Mutex<(process: pid_t?, end: End?)>((nil, nil))

    init(pipe: Pipe, wakeup: Wakeup) {
      self.pipe = pipe
      self.wakeup = wakeup
    }

    var state: (process: pid_t?, end: End?) { known.withLock { $0 } }

    func started(as process: pid_t) {
      known.withLock { $0.process = process }
      wakeup.raise()
    }

    func ended(_ end: End) {
      known.withLock { $0.end = end }
      wakeup.raise()
    }
  }

  /// Both of its ends stay open until it is let go.
  private final class Pipe: Sendable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(FileError) {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw FileError("make", "a pipe") }
      reading = Descriptor(owning: ends[0])
      writing = Descriptor(owning: ends[1])
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    }
  }
}
