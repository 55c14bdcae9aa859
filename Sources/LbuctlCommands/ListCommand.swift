import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl list`: what a snapshot made now would hold.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what a snapshot made now would hold.", aliases: ["ls"])

  @OptionGroup var connection: Connection

  @Flag(name: .shortAndLong, help: "Put the reason before each path, as apk audit does; + is what lbu.list names.")
  var verbose = false

  func run() throws {
    let client = try connection.open()
    var entries: [ListEntry] = []
    do {
      try client.callMore("io.lbud.List", NoParameters(), as: ListReply.self) { reply, _ in
        if connection.json { entries += reply.entries } else { say(reply.entries) }
      }
    } catch let error as ClientError {
      throw Failure(error)
    }
    if connection.json { try connection.printJSON(ListReply(entries: entries)) }
  }

  /// To a file or a pipe names go as the bytes they are; on a terminal they must not move the cursor.
  private func say(_ entries: [ListEntry]) {
    let isTerminal = Voice.isTerminal
    var output: [UInt8] = []
    for entry in entries {
      if verbose { output += Array(entry.reason.utf8) + [UInt8(ascii: " ")] }
      output += isTerminal ? Array(displayText(of: entry.path.rawBytes).utf8) : entry.path.rawBytes
      output.append(UInt8(ascii: "\n"))
    }
    Voice.say(bytes: output)
  }
}
