import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl include`: takes files into what is saved.
struct IncludeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "include", abstract: "Take files into what is saved, or list those that are.", aliases: ["inc", "add"])

  @OptionGroup var connection: Connection
  @OptionGroup var rules: RulesOptions

  func run() throws { try rules.run(connection, "Include") { $0.include } }
}

/// `lbuctl exclude`: leaves files out of what is saved.
struct ExcludeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exclude", abstract: "Leave files out of what is saved, or list those that are.",
    aliases: ["ex", "delete"])

  @OptionGroup var connection: Connection
  @OptionGroup var rules: RulesOptions

  func run() throws { try rules.run(connection, "Exclude") { $0.exclude } }
}

/// What the two have in common.
struct RulesOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Take the paths out of the list again.")
  var remove = false

  @Flag(name: .shortAndLong, help: "Show the list; so it is without a path, too.")
  var list = false

  @Argument(help: "Files or directories, with or without a leading slash.")
  var paths: [NameArgument] = []

  func validate() throws {
    if list || paths.isEmpty, remove || !paths.isEmpty {
      throw ValidationError(paths.isEmpty ? "--remove needs a path" : "--list takes no path")
    }
  }

  func run(_ connection: Connection, _ method: String, _ listed: (RulesReply) -> [WirePath]) throws {
    guard !paths.isEmpty else {
      let reply: RulesReply = try connection.call("io.lbud.Rules", NoParameters())
      if connection.json { return try connection.printJSON(reply) }
      return Voice.say(names: listed(reply))
    }
    let reply: EditReply = try connection.call(
      "io.lbud.\(method)",
      EditCall(paths: paths.map { WirePath(bytes: $0.bytes) }, remove: remove ? true : nil))
    if connection.json { return try connection.printJSON(reply) }
    guard reply.exists else { return Voice.say("there is no \(reply.file), and nothing to take out of it") }
    for edit in reply.edits { if let line = edit.line { Voice.say(line) } }
  }
}

extension EditReport {
  /// Nil where it is worth no word: that what is included was not excluded before.
  fileprivate var line: String? {
    let name = displayText(of: path.rawBytes)
    return switch (outcome, list) {
    case (.added, .include): "included from now on: \(name)"
    case (.added, .exclude): "excluded from now on: \(name)"
    case (.present, .include): "included already: \(name)"
    case (.present, .exclude): "excluded already: \(name)"
    case (.removed, .include): "no longer included: \(name)"
    case (.removed, .exclude): "no longer excluded: \(name)"
    case (.absent, _): nil
    }
  }
}
