import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl hold`: nothing is committed by itself for a while.
struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Have nothing saved by itself, so that a reboot brings back what was before.",
    discussion: """
      Until the time is over (90, 10m, 2h, 1d, 1h30m), until lbuctl release, or until the next boot. At shutdown nothing is \
      saved either. lbuctl commit still saves.
      """)

  @OptionGroup var connection: Connection

  @Argument(help: "How long.")
  var duration: String?

  @Option(name: .shortAndLong, help: "Why; shown to whoever wonders.")
  var message: NameArgument?

  func validate() throws {
    try message?.validateAsMessage()
    if let duration { _ = try seconds(of: duration) }
  }

  func run() throws {
    let seconds = try duration.map(seconds)
    let reply: HoldReply = try connection.call(
      "io.lbud.Hold", HoldCall(seconds: seconds, message: message?.text))
    if connection.json { return try connection.printJSON(reply) }
    if let former = reply.former { Voice.say("in place of the hold \(former.words)") }
    Voice.say("held: nothing is saved by itself \(reply.hold.end), at shutdown neither")
  }
}

/// `lbuctl release`: lbud commits by itself again.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "End a hold: what is unsaved is saved by itself again.")

  @OptionGroup var connection: Connection

  func run() throws {
    let reply: ReleaseReply = try connection.call("io.lbud.Release", NoParameters())
    if connection.json { return try connection.printJSON(reply) }
    Voice.say(reply.released.map { "released: it was held \($0.words)" } ?? "nothing was held")
  }
}

extension HoldReport {
  /// `by root since 2026-11-24 22:10:01: trying a firewall`.
  var words: String {
    Voice.by(user, uid, "since", since, message)
  }

  /// `until 2026-11-24 22:10:01`.
  var end: String {
    until.map { "until \(Voice.time($0)), lbuctl release or the next boot" } ?? "until lbuctl release or the next boot"
  }
}
