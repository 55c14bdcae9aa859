import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl diff`: what has changed since the last snapshot, line by line.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what has changed since the last snapshot, line by line.",
    discussion: "Exits with 0 whether anything has or not; lbu diff exits with 1 where something has.")

  @OptionGroup var connection: Connection

  func run() throws {
    if connection.json {
      let reply: ChangesReply = try connection.call("io.lbud.Changes", OtherwiseCall())
      return try connection.printJSON(reply)
    }
    let isTerminal = Voice.isTerminal
    try connection.callMore("io.lbud.Diff", OtherwiseCall()) { (reply: DiffReply, _) in
      // What stands in a file must not move the cursor.
      Voice.say(bytes: isTerminal ? Voice.harmless(reply.text.bytes) : reply.text.bytes)
    }
  }
}
