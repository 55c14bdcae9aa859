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
      var whole = ChangesReply(snapshot: nil, changes: [])
      try connection.callMore("io.lbud.Changes", OtherwiseCall()) { (reply: ChangesReply, _) in
        whole.snapshot = reply.snapshot
        whole.changes += reply.changes
      }
      return try connection.printJSON(whole)
    }
    let isTerminal = Voice.isTerminal
    try connection.callMore("io.lbud.Diff", OtherwiseCall()) { (reply: DiffReply, _) in
      // What stands in a file must not move the cursor.
      Voice.say(bytes: isTerminal ? Voice.harmless(reply.text.bytes) : reply.text.bytes)
    }
  }
}
