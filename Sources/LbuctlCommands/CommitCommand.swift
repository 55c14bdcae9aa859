import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl commit`: saves what is unsaved.
struct CommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Save what is unsaved, now.", aliases: ["ci"])

  @OptionGroup var connection: Connection

  @Option(name: .shortAndLong, help: "Why; kept with the snapshot.")
  var message: NameArgument?

  @Flag(name: [.customShort("n"), .long], help: "Save nothing, show what would be saved.")
  var dryRun = false

  @Flag(
    name: [.customShort("d"), .long],
    help: "Remove other boxes' overlays from the media, once this one's snapshot is safe.")
  var removeOthers = false

  @Option(
    help: ArgumentHelp(
      "Have the snapshot before become current again, unless lbuctl confirm comes within so long: 90, 10m, 1h30m.",
      valueName: "duration"))
  var confirm: String?

  @Flag(help: "Then also reboot the machine into it.")
  var reboot = false

  @Flag(help: "Answer at once, and save when the transaction of apk has ended that this is called from.")
  var afterApk = false

  func validate() throws {
    try message?.validateAsMessage()
    if let confirm { _ = try seconds(of: confirm) }
    if confirm != nil, dryRun || afterApk {
      throw ValidationError(
        "--confirm is for a commit that is made now: without \(dryRun ? "--dry-run" : "--after-apk")")
    }
    if reboot, confirm == nil { throw ValidationError("--reboot is for what nobody confirms: with --confirm 10m") }
  }

  func run() throws {
    let confirmWithin = try confirm.map(seconds)
    let reply: CommitReply = try connection.call(
      "io.lbud.Commit",
      CommitCall(
        message: message?.text, dryRun: dryRun ? true : nil, removeOthers: removeOthers ? true : nil,
        afterTransaction: afterApk ? true : nil, confirmWithin: confirmWithin, reboot: reboot ? true : nil))
    if connection.json { return try connection.printJSON(reply) }
    if reply.scheduled { return Voice.say("it is saved when apk has ended its transaction") }
    if afterApk { return reply.notes.forEach { Voice.say($0) } }
    guard reply.counts.total > 0 || reply.committed else {
      Voice.say("nothing to save: \(reply.media) has all that was changed")
      if confirm != nil {
        Voice.say("so there is nothing to confirm; to go back to what was saved before: lbuctl revert -1")
      }
      return
    }
    for change in reply.changes { Voice.say("  " + change.line) }
    if reply.counts.total > reply.changes.count { Voice.say("  and \(reply.counts.total - reply.changes.count) more") }
    guard let snapshot = reply.snapshot else {
      return Voice.say("would save \(Voice.count(reply.counts.total, "change")) to \(reply.media)")
    }
    Voice.say(
      "saved \(Voice.count(reply.counts.total, "change")) to \(reply.media)/\(snapshot.name)"
        + " (\(Voice.count(snapshot.entries, "entry", "entries")), \(Voice.size(snapshot.size)))")
    if let former = reply.former, !reply.dropped.contains(former) {
      Voice.say("the snapshot before is LBUD/\(former)")
    }
    if !reply.dropped.isEmpty { Voice.say(reply.droppedLine) }
    for name in reply.retired { Voice.say("an overlay of this box under another name is now LBUD/\(name)") }
    for name in reply.removed { Voice.say("removed \(displayText(of: name.utf8))") }
    for note in reply.notes { Voice.say("note: \(note)") }
    if let confirmation = reply.confirmation { for line in confirmation.lines { Voice.say(line) } }
  }
}

extension CommitReply {
  /// Which old snapshots went, and why.
  fileprivate var droppedLine: String {
    let shown = dropped.count == 3 ? 3 : 2
    let names = dropped.prefix(shown).map { displayText(of: $0.utf8) }.joined(separator: ", ")
    let more = dropped.count > shown ? " and \(dropped.count - shown) more" : ""
    let rule = droppedBy.map { ", as \($0) says" } ?? ""
    return "removed \(Voice.count(dropped.count, "old snapshot"))\(rule): \(names)\(more)"
  }
}
