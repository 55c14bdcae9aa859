import ArgumentParser
import Glibc
import LbudCore
import LbudProtocol
import LbudSupervision
import LbudSystem
import Logging

/// The daemon's command line.
struct LbudCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lbud",
    abstract: "Watch what a diskless Alpine box would lose at a reboot, and save it.",
    discussion: """
      Runs in the foreground until SIGTERM or SIGINT, and saves what is unsaved before it ends. Settings are read from
      /etc/lbu/lbu.conf. Ask it what it does with: lbuctl status
      """,
    version: lbudVersion)

  @Option(help: ArgumentHelp("Take every path inside this directory, as a chroot would.", valueName: "dir"))
  var root = "/"

  @Option(help: ArgumentHelp("Listen here instead of /run/lbud/lbud.sock inside the root.", valueName: "path"))
  var socket: String?

  @Option(help: "What is worth a line in the log.")
  var logLevel = LogLevel.notice

  @Flag(help: "Say what is wrong with the settings, and do nothing else.")
  var checkConfig = false

  func run() async throws {
    // A file that may not become as large is an error of write(2) (setrlimit(2)), and no reason to end.
    signal(SIGXFSZ, SIG_IGN)
    var logger = Logger(label: "lbud") { LogDestination.handler(label: $0) }
    logger.logLevel = logLevel.level
    do {
      if checkConfig { try await check() } else { try await serve(logger) }
    } catch {
      let failure = StartFailure.explaining(error)
      let hint = failure.hint.map { "lbud: hint: \($0)\n" } ?? ""
      try? FileOutputStream.standardError("lbud: error: \(failure)\n\(hint)")
      throw ExitCode(1)
    }
  }

  /// Wrong settings are no reason not to start: the defaults do in their place.
  private func check() async throws {
    let directory = try RootDirectory(path: normalized(root))
    for problem in await Daemon.settingsProblems(root: directory) {
      try FileOutputStream.standardError("lbud: warning: \(problem.line)\nlbud: hint: \(problem.remedy)\n")
    }
  }

  private func serve(_ logger: Logger) async throws {
    // First of all, so that a root that is not there is an error, and not made for the socket's sake.
    let directory = try RootDirectory(path: normalized(root))
    let path = socket ?? defaultSocketPath(root: root)
    let passed = try PassedSocket.take()
    if socket == nil, passed == nil { try makeSocketFolder(path) }
    let lock = try await instanceLock(directory, logger)
    // Until the process ends, however it does.
    defer { withExtendedLifetime(lock) {} }
    let daemon = try await Daemon(root: directory, logger: logger)
    let service = LbudService(
      daemon: daemon, socketPath: path, passedSocket: passed, ends: ProcessSignals.shared.ends(), logger: logger)
    try await service.run()
  }

  private func instanceLock(_ directory: RootDirectory, _ logger: Logger) async throws -> InstanceLock? {
    // A command that saves in its own process ends by itself, and the box must not stay without lbud for its sake.
    let end = SystemClock.now() + 120
    // Whose the lock is stands in the file a moment later than it is taken.
    let isSure = SystemClock.now() + 1
    while true {
      do throws(InstanceLock.Failure) {
        return try InstanceLock(root: directory)
      } catch {
        switch error {
        case .taken(_, isForOnce: true) where SystemClock.now() < end: break
        case .taken where SystemClock.now() < isSure: break
        case .taken(let pid, _): throw StartFailure.taken(pid, root: root)
        case .unusable(let error):
          logger.warning("a second lbud is not kept from starting: \(error)")
          return nil
        }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func normalized(_ root: String) -> String {
    var path = root
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  private func makeSocketFolder(_ path: String) throws {
    let folder = path.split(separator: "/").dropLast().reduce(path.hasPrefix("/") ? "/" : "") { parent, name in
      let folder = (parent.isEmpty || parent.hasSuffix("/") ? parent : parent + "/") + name
      // Whatever the umask is: members of LBUD_GROUP must get at the socket.
      if mkdir(folder, 0o755) == 0 { chmod(folder, 0o755) }
      return folder
    }
    guard access(folder, W_OK) == 0 else { throw FileError("make a socket in", folder) }
  }
}

/// The levels of swift-log, as words on the command line.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
  case trace, debug, info, notice, warning, error, critical

  var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .notice }
}

/// Ends the program where there is no /proc, before anything asynchronous begins. libdispatch looks there at its threads,
/// once a second while they are at work, and traps where it finds none (swift-corelibs-libdispatch,
/// src/event/workqueue.c): better not to start than to end at any moment.
package func requireProc() {
  guard access("/proc/self/stat", F_OK) != 0 else { return }
  try? FileOutputStream.standardError(
    "lbud: error: /proc is not mounted, and Swift's runtime needs it\nlbud: hint: mount -t proc proc /proc\n")
  exit(1)
}

/// Runs the daemon's command line to its end, and the program ends with its exit code.
///
/// The first thread waits for signals here. Were main asynchronous, libdispatch would end that thread by pthread_exit(3),
/// which unwinds its stack: in a static binary that reads all tables for it, 4 MB, and keeps a sorted copy of 0.8 MB.
/// - Parameter arguments: without the program's name.
package func runLbud(_ arguments: [String]) -> Never {
  ProcessSignals.block()
  do { try TaskThreads.install() } catch {
    let text = Array("lbud: error: \(error)\n".utf8)
    _ = write(2, text, text.count)
    exit(1)
  }
  Task.detached { exit(await lbudMain(arguments)) }
  ProcessSignals.shared.wait()
}

/// Runs the daemon's command line to its end.
/// - Parameter arguments: without the program's name.
/// - Returns: the exit code: 0 done, 1 failed, 2 wrong usage.
private func lbudMain(_ arguments: [String]) async -> Int32 {
  CoreDumps.forbid()
  do {
    var command = try LbudCommand.parseAsRoot(arguments)
    if let daemon = command as? LbudCommand { try await daemon.run() } else { try command.run() }
    return 0
  } catch {
    let code = LbudCommand.exitCode(for: error)
    if code == .success {
      print(LbudCommand.fullMessage(for: error))
    } else if code == .validationFailure {
      try? FileOutputStream.standardError(
        "lbud: error: \(clause(LbudCommand.message(for: error)))\nlbud: hint: lbud --help\n")
      return 2
    }
    return code.rawValue
  }
}

/// Writing a line without the whole of Foundation.
enum FileOutputStream {
  static func standardError(_ text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    guard write(2, bytes, bytes.count) == bytes.count else { throw FileError("write", "stderr") }
  }
}
