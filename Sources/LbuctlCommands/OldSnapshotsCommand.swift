import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl list-backup`: the old snapshots.
struct ListBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-backup", abstract: "List the old snapshots on the media.", aliases: ["lb"])

  @OptionGroup var connection: Connection

  func run() throws {
    let reply: SnapshotsReply = try connection.call("io.lbud.Snapshots", OtherwiseCall())
    if connection.json { return try connection.printJSON(reply) }
    guard !reply.snapshots.isEmpty else { return Voice.say("there are no old snapshots in \(reply.media)") }
    for old in reply.snapshots {
      Voice.say("\(displayText(of: old.name.rawBytes)) (\(Voice.size(old.size)), \(Voice.time(old.time)))")
    }
  }
}

/// `lbuctl revert`: an old snapshot boots next.
struct RevertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert", abstract: "Have an old snapshot boot next.",
    discussion: """
      What runs now stays as it is until the reboot, and is not saved by itself any more: not until then, or until
      somebody asks for it by: lbuctl commit

      With --live the running files follow, as with: lbuctl restore --all
      """)

  @OptionGroup var connection: Connection

  @Argument(help: ArgumentHelp(SnapshotArgument.help))
  var snapshot: SnapshotArgument

  @Flag(help: "Have the running files follow: all that was changed since is undone.")
  var live = false

  @Flag(help: "Take another box's snapshot too.")
  var foreign = false

  func run() throws {
    let reply: RevertReply = try connection.call(
      "io.lbud.Revert",
      RevertCall(snapshot: snapshot.report, live: live ? true : nil, foreign: foreign ? true : nil))
    if connection.json { return try connection.printJSON(reply) }
    if displayText(of: reply.snapshot.rawBytes) == reply.name {
      let isDone = reply.actions?.isEmpty ?? true
      Voice.say("\(isDone ? "nothing to do: " : "")\(reply.media)/\(reply.name) boots already")
    } else {
      Voice.say("\(displayText(of: reply.snapshot.rawBytes)) boots next, as \(reply.media)/\(reply.name)")
    }
    for former in reply.retired + [reply.former].compactMap(\.self) { Voice.say("what was current is LBUD/\(former)") }
    for action in reply.actions ?? [] { Voice.say(action.line) }
    if let hold = reply.hold { Voice.say("nothing is saved by itself \(hold.end)") }
    for note in reply.notes { Voice.say("note: \(note)") }
    if let actions = reply.actions, !actions.isEmpty { Voice.say(RestoreCommand.aboutServices) }
  }
}
