import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl log`: every snapshot on the media.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "List the snapshots on the media, the newest first.",
    discussion: """
      Each with the number that names it, when it was made, its size, why, how many files and directories changed, who \
      asked for it, its file and what else is known: which one boots, and which were read back from the medium before they \
      counted. Those that lbu has made do not say more than their files' time and size.
      """)

  @OptionGroup var connection: Connection

  @Option(name: .customShort("n"), help: ArgumentHelp("How many at most.", valueName: "count"))
  var count: Int?

  func validate() throws {
    guard count ?? 0 < 0 else { return }
    throw ValidationError("-n takes a number of snapshots, and \(count ?? 0) is none")
  }

  func run() throws {
    var whole = LogReply(media: "", entries: [])
    try connection.callMore("io.lbud.Log", LogCall(limit: count)) { (reply: LogReply, _) in
      whole.media = reply.media
      whole.entries += reply.entries
    }
    if connection.json { return try connection.printJSON(whole) }
    guard !whole.entries.isEmpty || count == 0 else { return Voice.say("there are no snapshots in \(whole.media)") }
    for line in LogLines.lines(whole.entries) { Voice.say(line) }
  }
}
