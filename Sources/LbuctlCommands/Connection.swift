import ArgumentParser
import Glibc
import LbudProtocol
import LbudSystem

/// How the daemon is reached, and how answers are printed; common to all commands.
struct Connection: ParsableArguments {
  @Option(help: ArgumentHelp("The root that lbud was started with.", valueName: "dir"))
  var root = "/"

  @Option(help: ArgumentHelp("Where lbud listens, if not /run/lbud/lbud.sock inside the root.", valueName: "path"))
  var socket: String?

  @Flag(help: "Print the daemon's answer as JSON.")
  var json = false

  /// What leads another command to the same daemon.
  var words: [String] { ["--root", root] + (socket.map { ["--socket", $0] } ?? []) }

  var socketPath: String { socket ?? defaultSocketPath(root: root) }

  /// - Throws: `Failure`.
  func open() throws(Failure) -> VarlinkClient {
    do {
      return try VarlinkClient(socketPath: socketPath)
    } catch .notAllowed(let path, let group?) {
      let (name, user) = AccountNames.toJoin(group: group, in: root, user: geteuid())
      throw Failure(
        .notPermitted, ClientError.notAllowed(path: path).description, hint: ClientError.hintToJoin(name, user: user))
    } catch {
      throw Failure(error)
    }
  }

  /// Calls a method that answers once.
  /// - Throws: `Failure`.
  func call<Reply: Codable>(_ method: String, _ parameters: some Encodable) throws(Failure) -> Reply {
    let client = try open()
    do {
      return try client.call(method, parameters, as: Reply.self)
    } catch {
      throw Failure(error)
    }
  }

  /// Calls a method that answers any number of times.
  /// - Throws: `Failure`, and what `each` throws.
  func callMore<Reply: Decodable>(
    _ method: String, _ parameters: some Encodable, each: (Reply, _ continues: Bool) throws -> Void
  ) throws {
    do {
      try open().callMore(method, parameters, as: Reply.self, each: each)
    } catch let error as ClientError {
      throw Failure(error)
    }
  }

  /// - Throws: `Failure`.
  func printJSON(_ reply: some Encodable) throws(Failure) {
    do {
      Voice.say(bytes: try encodeJSON(reply) + [UInt8(ascii: "\n")])
    } catch {
      throw Failure(.failed, "the answer cannot be printed as JSON: \(error)")
    }
  }
}
