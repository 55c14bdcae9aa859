import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl restore`: what a snapshot holds comes back into the running system.
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put files of a snapshot back into the running system.",
    discussion: """
      Content, mode, owner and time are those of the snapshot; directories come with all that it has below them. Nothing is
      written unless the whole snapshot is good, and unless all of it can be.
      """)

  /// What a person may not think of.
  static let aboutServices = "services that run keep their old configuration until they are restarted, or the box is"

  @OptionGroup var connection: Connection

  @Argument(help: ArgumentHelp("Files and directories; / is all that the snapshot has.", valueName: "path"))
  var paths: [NameArgument] = []

  @Option(help: ArgumentHelp(SnapshotArgument.help + " Without it the newest.", valueName: "snapshot"))
  var from: SnapshotArgument?

  @Flag(help: "Remove what is there now and not in the snapshot, as far as lbud would save it.")
  var delete = false

  @Flag(help: "Make the running system what the snapshot says: undo everything since.")
  var all = false

  @Flag(name: [.customShort("n"), .long], help: "Only show what would be done.")
  var dryRun = false

  @Flag(help: "Take another box's snapshot too.")
  var foreign = false

  func validate() throws {
    if let number = paths.first(where: { SnapshotArgument.isNumber($0.bytes) })?.text {
      throw ValidationError("\(number) names a snapshot and no path: --from \(number)")
    }
    if all, !paths.isEmpty { throw ValidationError("--all takes no path") }
    if !all, paths.isEmpty { throw ValidationError("name what to restore, or: --all") }
  }

  func run() throws {
    let call = try RestoreCall(
      paths: paths.map { WirePath(bytes: $0.bytes) }, snapshot: from?.report, delete: delete ? true : nil,
      dryRun: dryRun ? true : nil, all: all ? true : nil, foreign: foreign ? true : nil)
    if connection.json {
      let reply: RestoreReply = try connection.call("io.lbud.Restore", call)
      return try connection.printJSON(reply)
    }
    var count = 0
    try connection.callMore("io.lbud.Restore", call) { (reply: RestoreReply, continues) in
      count += reply.actions.count
      for action in reply.actions { Voice.say(action.line) }
      if !continues { sayEnd(reply, count) }
    }
  }

  private func sayEnd(_ reply: RestoreReply, _ count: Int) {
    for note in reply.notes { Voice.say("note: \(note)") }
    let snapshot = "\(reply.media)/\(displayText(of: reply.snapshot.rawBytes))"
    guard count > 0 else {
      let isAsThere = reply.notes.isEmpty
      return Voice.say(
        isAsThere ? "nothing to restore: all is as in \(snapshot)" : "nothing to restore from \(snapshot)")
    }
    guard !dryRun else { return Voice.say("would be restored from \(snapshot): \(Voice.count(count, "path"))") }
    Voice.say("restored from \(snapshot): \(Voice.count(count, "path"))")
    Voice.say(Self.aboutServices)
  }
}

extension RestorationReport {
  /// As status has it.
  var line: String { "\(kind.letter) \(displayText(of: path.rawBytes))" }
}
