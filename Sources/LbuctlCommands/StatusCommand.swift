import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl status`: what is unsaved, what is saved, and what will happen when and why.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what is unsaved, what is saved, and what happens next.",
    aliases: ["stat", "st"])

  @OptionGroup var connection: Connection

  @Flag(name: .shortAndLong, help: "List every change, not only the first 200.")
  var all = false

  func run() throws {
    let reply: StatusReply = try connection.call("io.lbud.Status", StatusCall(limit: all ? Int(Int32.max) : nil))
    if connection.json { return try connection.printJSON(reply) }
    sayChanges(reply)
    saySaved(reply)
    Voice.say("next: \(reply.plan.sentence)")
    if let hold = reply.hold {
      Voice.say("held: \(hold.words)")
      Voice.say("  \(hold.end)")
    }
    for problem in reply.problems { problem.say() }
    if let error = reply.lastError {
      Voice.say("last error: \(Voice.time(error.time)): \(error.message)")
      Voice.say("  \(error.hint)")
    }
  }

  private func sayChanges(_ reply: StatusReply) {
    let total = reply.counts.total
    guard total > 0 else { return Voice.say("unsaved: nothing") }
    Voice.say("unsaved: \(Voice.count(total, "change"))")
    for change in reply.pending { Voice.say("  " + change.line) }
    if total > reply.pending.count { Voice.say("  and \(total - reply.pending.count) more: lbuctl status --all") }
  }

  private func saySaved(_ reply: StatusReply) {
    guard let path = reply.media.path else { return Voice.say("saved: nothing, no media is configured") }
    guard reply.media.present else { return Voice.say("saved: unknown, \(path) cannot be used") }
    guard let snapshot = reply.snapshot else { return Voice.say("saved: nothing yet in \(path)") }
    var facts = [
      Voice.count(snapshot.entries, "entry", "entries"), Voice.size(snapshot.size), Voice.time(snapshot.time),
    ]
    if let reason = snapshot.reason { facts.append(reason) }
    Voice.say("saved: \(path)/\(snapshot.name) (\(facts.joined(separator: ", ")))")
    if let message = snapshot.message { Voice.say("  \(displayText(of: message.utf8))") }
  }
}

extension ProblemReport {
  func say() {
    Voice.say("\(severity.rawValue): \(text.hasPrefix(subject) ? "" : subject + ": ")\(text)")
    Voice.say("  \(remedy)")
  }
}

extension ChangeReport {
  /// The letter that lbu has for it and the path; `M` for a change of mode or owner, which lbu does not see.
  var line: String {
    let letter =
      switch kind {
      case .added: "A"
      case .modified: "U"
      case .metadata: "M"
      case .deleted: "D"
      }
    return "\(letter) \(displayText(of: path.rawBytes))"
  }
}
