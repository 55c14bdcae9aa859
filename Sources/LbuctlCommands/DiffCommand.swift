import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl diff`: what has changed since a snapshot, or between two, line by line.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what has changed since a snapshot, or between two, line by line.",
    discussion: """
      Since the last one where none is named. Exits with 0 whether anything has changed or not; lbu diff exits with 1 where \
      something has.
      """)

  @OptionGroup var connection: Connection

  @Argument(help: ArgumentHelp(SnapshotArgument.help))
  var from: SnapshotArgument?

  @Argument(help: "Another snapshot, instead of the running system.")
  var to: SnapshotArgument?

  func run() throws {
    let call = try CompareCall(from: from?.report, to: to?.report)
    if connection.json {
      var whole = ChangesReply(snapshot: nil, changes: [])
      try connection.callMore("io.lbud.Changes", call) { (reply: ChangesReply, _) in
        (whole.snapshot, whole.to) = (reply.snapshot, reply.to)
        whole.changes += reply.changes
      }
      return try connection.printJSON(whole)
    }
    let isTerminal = Voice.isTerminal
    try connection.callMore("io.lbud.Diff", call) { (reply: DiffReply, _) in
      // What stands in a file must not move the cursor.
      Voice.say(bytes: isTerminal ? Voice.harmless(reply.text.bytes) : reply.text.bytes)
    }
  }
}
