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

  @Flag(help: "Print it for Prometheus' node_exporter, to be written into a file of its textfile collector.")
  var prometheus = false

  func validate() throws {
    if prometheus, all || connection.json { throw ValidationError("--prometheus goes with neither --all nor --json") }
  }

  func run() throws {
    if prometheus { return try StatusMetrics(connection).say() }
    let reply: StatusReply = try connection.call("io.lbud.Status", StatusCall(limit: all ? Int(Int32.max) : nil))
    if connection.json { return try connection.printJSON(reply) }
    sayChanges(reply)
    for line in reply.savedLines { Voice.say(line) }
    if let upload = reply.upload { Voice.say(upload.line) }
    Voice.say("next: \(reply.plan.sentence)")
    if let hold = reply.hold {
      Voice.say("held: \(hold.words)")
      Voice.say("  \(hold.end)")
    }
    if let confirmation = reply.confirmation { for line in confirmation.lines { Voice.say(line) } }
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
}

extension StatusReply {
  /// What is saved, and where; its message in a line of its own.
  var savedLines: [String] {
    guard let path = media.path else { return ["saved: nothing, no media is configured"] }
    guard media.present else { return ["saved: unknown, \(path) cannot be used"] }
    guard let snapshot else { return ["saved: nothing yet in \(path)"] }
    var facts = [
      Voice.count(snapshot.entries, "entry", "entries"), Voice.size(snapshot.size), Voice.time(snapshot.time),
    ]
    if let reason = snapshot.reason { facts.append(reason) }
    let line = "saved: \(path)/\(snapshot.name) (\(facts.joined(separator: ", ")))"
    return [line] + (snapshot.message.map { ["  \(displayText(of: $0.utf8))"] } ?? [])
  }
}

extension UploadReport {
  /// Why it could not be sent is said by a problem.
  var line: String {
    let shown = displayText(of: url.utf8)
    switch state {
    case .done: return "published: \(shown)" + (time.map { " (\(Voice.time($0)))" } ?? "")
    case .sending, .waiting: return "not published: \(shown) (\(sentence))"
    case .failed: return "not published: \(shown)" + (next.map { " (next try \(Voice.time($0)))" } ?? "")
    }
  }
}

extension ProblemReport {
  /// What is wrong, and what to do.
  var lines: [String] {
    ["\(severity.rawValue): \(text.hasPrefix(subject) ? "" : subject + ": ")\(text)", "  \(remedy)"]
  }

  func say() {
    for line in lines { Voice.say(line) }
  }
}

extension ChangeReport {
  /// The letter that lbu has for it and the path; `M` for a change of mode or owner, which lbu does not see.
  var line: String { "\(kind.letter) \(displayText(of: path.rawBytes))" }
}

extension ChangeReport.Kind {
  var letter: String {
    switch self {
    case .added: "A"
    case .modified: "U"
    case .metadata: "M"
    case .deleted: "D"
    }
  }
}
