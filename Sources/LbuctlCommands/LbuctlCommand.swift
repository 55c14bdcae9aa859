import ArgumentParser
import LbudCore
import LbudProtocol
import LbudSystem

struct LbuctlCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lbuctl", abstract: "Ask lbud what is saved, and have it save.",
    discussion: """
      Exit codes: 0 done (also: nothing to do), 1 failed, 2 wrong usage, 3 the daemon does not answer, 4 not permitted.
      """,
    version: lbudVersion,
    subcommands: [
      StatusCommand.self, WatchCommand.self, CommitCommand.self, DiffCommand.self, ListCommand.self,
      IncludeCommand.self,
      ExcludeCommand.self, PackageCommand.self, LogCommand.self, ShowCommand.self, ListBackupCommand.self,
      VerifyCommand.self,
      RestoreCommand.self, RevertCommand.self, ConfirmCommand.self, HoldCommand.self, ReleaseCommand.self,
      ReloadCommand.self, CacheCommand.self, DoctorCommand.self, SetupCommand.self,
    ])

  /// Those that are made without the parser where they have none but the common options.
  static let plainCommands: [any PlainCommand.Type] = [StatusCommand.self, CommitCommand.self, ListCommand.self]

  /// Those that take snapshots, which may be named by negative numbers.
  static let verbsOfSnapshots: Set = ["restore", "revert", "diff", "show", "verify"]

  static var verbs: [String] {
    configuration.subcommands.flatMap(verbs(of:)) + ["help"]
  }

  static func verbs(of command: any ParsableCommand.Type) -> [String] {
    [command.configuration.commandName ?? ""] + command.configuration.aliases
  }
}

/// Runs lbuctl's command line to its end.
/// - Parameter arguments: without the program's name.
/// - Returns: the exit code.
package func lbuctlMain(_ arguments: [[UInt8]]) -> Int32 {
  CoreDumps.forbid()
  do {
    let words = verbFirst(arguments.map(NameArgument.encode))
    var command = try parsedAlone(words) ?? LbuctlCommand.parseAsRoot(words)
    try command.run()
    return 0
  } catch let failure as Failure {
    failure.say()
    return failure.code.rawValue
  } catch let code as ExitCode {
    // All has been said.
    return code.rawValue
  } catch {
    return sayUsage(error)
  }
}

/// The verb's command, parsed without the other ones: to look at all of them takes longer than most commands do.
/// - Returns: nil where that does not work; then what is wrong is lbuctl's to say.
private func parsedAlone(_ words: [String]) -> (any ParsableCommand)? {
  guard let verb = words.first,
    let command = LbuctlCommand.configuration.subcommands.first(where: { LbuctlCommand.verbs(of: $0).contains(verb) }),
    command.configuration.subcommands.isEmpty
  else { return nil }
  let rest = words.dropFirst()
  let plain = LbuctlCommand.plainCommands.first { $0 == command }
  return plain?.plain(rest) ?? (try? command.parseAsRoot(Array(rest)))
}

/// The common options may stand before the verb too: `lbuctl --socket PATH status`.
private func verbFirst(_ arguments: [String]) -> [String] {
  var leading: [String] = []
  var rest = arguments[...]
  while let option = rest.first {
    let count: Int
    switch option {
    case "--root", "--socket": count = 2
    case "--json": count = 1
    default: count = option.hasPrefix("--root=") || option.hasPrefix("--socket=") ? 1 : 0
    }
    if count == 0 { break }
    leading += rest.prefix(count)
    rest = rest.dropFirst(count)
  }
  guard let verb = rest.popFirst() else { return leading }
  if LbuctlCommand.verbsOfSnapshots.contains(verb) { rest = NameArgument.hidingNumbers(Array(rest))[...] }
  // What is no verb is what is wrong with the line, not the options.
  guard LbuctlCommand.verbs.contains(verb) else { return [verb] }
  // The options are those of what is set up.
  let isSetup = verb == SetupCommand.configuration.commandName
  guard isSetup, let what = rest.first, SetupCommand.parts.contains(what) else { return [verb] + leading + rest }
  return [verb, what] + leading + rest.dropFirst()
}

/// Help goes to stdout; a wrong usage to stderr in lbuctl's own voice.
private func sayUsage(_ error: any Error) -> Int32 {
  let code = LbuctlCommand.exitCode(for: error)
  if code == .success {
    Voice.say(LbuctlCommand.fullMessage(for: error))
    return 0
  }
  Voice.error(clause(LbuctlCommand.message(for: error)))
  Voice.hint("lbuctl --help")
  return Failure.Code.usage.rawValue
}
