import ArgumentParser
import LbudProtocol

/// `lbuctl reload`: the settings are read again, and everything is looked at.
struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Have the settings read again, and everything looked at.")

  @OptionGroup var connection: Connection

  func run() throws {
    let reply: ReloadReply = try connection.call("io.lbud.Reload", NoParameters())
    if connection.json { return try connection.printJSON(reply) }
    Voice.say("the settings are read again")
    for problem in reply.problems { problem.say() }
  }
}
