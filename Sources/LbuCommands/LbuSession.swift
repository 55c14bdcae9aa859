import Glibc
import LbudCore
import LbudDaemon
import LbudProtocol
import LbudSystem

/// One call of lbu: asks the daemon, where one runs, or does the work in this process with the same code.
final class LbuSession {
  let arguments: LbuArguments
  let environment: LbuEnvironment
  private var lock: InstanceLock?
  private var password: Secret?
  let client: VarlinkClient

  /// How long another lbud or lbu that is at work, or is starting, is waited for.
  private static let patience: Seconds = 60

  /// - Throws: `LbuFailure`.
  init(_ arguments: LbuArguments) throws(LbuFailure) {
    self.arguments = arguments
    environment = try LbuEnvironment()
    (client, lock) = try Self.open(environment)
  }

  private static func open(_ environment: LbuEnvironment) throws(LbuFailure) -> (VarlinkClient, InstanceLock?) {
    let path = defaultSocketPath(root: environment.root)
    let end = SystemClock.now() + patience
    while true {
      do throws(ClientError) {
        return (try VarlinkClient(socketPath: path), nil)
      } catch {
        if case .notAllowed(_, let group?) = error {
          let (name, user) = AccountNames.toJoin(group: group, in: environment.root, user: geteuid())
          throw LbuFailure(error.description, hint: ClientError.hintToJoin(name, user: user))
        }
        guard case .notThere = error else { throw LbuFailure(error) }
      }
      if let own = try openOwn(environment, isLastTry: SystemClock.now() >= end) { return own }
      usleep(50_000)
    }
  }

  /// - Returns: nil where another one is at work, for whose end, or whose socket, one can wait.
  private static func openOwn(
    _ environment: LbuEnvironment, isLastTry: Bool
  ) throws(LbuFailure) -> (VarlinkClient, InstanceLock?)? {
    do {
      let root = try RootDirectory(path: environment.root)
      var lock: InstanceLock?
      do throws(InstanceLock.Failure) {
        lock = try InstanceLock(root: root, isForOnce: true)
      } catch {
        switch error {
        case .taken(let pid, _):
          guard isLastTry else { return nil }
          throw LbuFailure(
            "another lbud\(pid.map { " (pid \($0))" } ?? "") is at work, and does not answer",
            hint: "see its log; it answers at \(defaultSocketPath(root: environment.root))")
        // Who may not write there may still look; and may save nothing either.
        case .unusable: break
        }
      }
      // libdispatch ends the process where there is none (see requireProc).
      guard access("/proc/self/stat", F_OK) == 0 else {
        throw LbuFailure("/proc is not mounted, and Swift's runtime needs it", hint: "mount -t proc proc /proc")
      }
      environment.export()
      return (VarlinkClient(transport: try OnceTransport.start(root: root), name: "lbu"), lock)
    } catch let failure as LbuFailure {
      throw failure
    } catch {
      throw LbuFailure("\(error)")
    }
  }

  /// What is otherwise than in lbu.conf.
  /// - Parameter media: as it stands on the command line.
  func otherwise(media: [UInt8]? = nil) throws(LbuFailure) -> Otherwise? {
    try environment.otherwise(arguments, media: media, password: password)
  }

  /// Calls a method that answers once.
  /// - Throws: `LbuFailure`.
  func call<Reply: Decodable>(_ method: String, _ parameters: some Encodable) throws(LbuFailure) -> Reply {
    do {
      return try client.call("io.lbud." + method, parameters)
    } catch {
      throw LbuFailure(error)
    }
  }

  /// Calls a method that answers any number of times.
  /// - Throws: `LbuFailure`, and what `each` throws.
  func callMore<Reply: Decodable>(
    _ method: String, _ parameters: some Encodable, each: (Reply, _ continues: Bool) throws -> Void
  ) throws {
    do {
      try client.callMore("io.lbud." + method, parameters, as: Reply.self, each: each)
    } catch let error as ClientError {
      throw LbuFailure(error)
    }
  }

  /// Runs what may be in want of a password; then somebody is asked for it, where there is a terminal.
  /// - Parameter isNew: whether something is to be encrypted by it, so that a slip of the fingers must not count.
  func withPassword(isNew: Bool, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as LbuFailure where failure.isPasswordMissing {
      guard let password = try PasswordPrompt.ask(isNew: isNew) else { throw failure }
      self.password = password
      try body()
    }
  }
}
