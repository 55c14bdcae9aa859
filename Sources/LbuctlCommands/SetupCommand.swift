import ArgumentParser

/// `lbuctl setup`: a box that saves, from nothing. Its parts do what setup-lbu and setup-apkcache of Alpine do. They work in
/// lbuctl's own process, so that a box can be set up before lbud is started.
struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup", abstract: "Set a box up: media, package cache, service, and the first commit.",
    subcommands: [SetupGuideCommand.self, SetupMediaCommand.self, SetupCacheCommand.self],
    defaultSubcommand: SetupGuideCommand.self)

  static var parts: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }
}
