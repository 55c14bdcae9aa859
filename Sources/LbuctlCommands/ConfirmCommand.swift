import ArgumentParser
import LbudCore
import LbudProtocol
import LbudSystem

/// `lbuctl confirm`: what was committed with `--confirm` stays.
struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Keep the snapshot that was committed with --confirm.")

  @OptionGroup var connection: Connection

  func run() throws {
    let reply: ConfirmReply = try connection.call("io.lbud.Confirm", NoParameters())
    if connection.json { return try connection.printJSON(reply) }
    Voice.say("confirmed: what was committed \(reply.confirmed.words) stays")
  }
}

extension ConfirmationReport {
  /// `by root at 2026-11-24 22:10:01: other addresses`.
  var words: String {
    Voice.by(user, uid, "at", since, message)
  }

  /// What happens if nobody confirms it.
  var otherwise: String {
    "or else \(displayText(of: back.rawBytes)) becomes current again\(reboot ? ", and the machine reboots" : "")"
      + "; it was committed \(words)"
  }

  /// How long there is, and what happens then.
  var lines: [String] {
    let left = until - Double(SystemClock.wallNanoseconds()) / 1e9
    guard left > 0 else { return ["to be confirmed: the time was over at \(Voice.time(until))", "  \(otherwise)"] }
    return [
      "to be confirmed within \(Policy.duration(left)), until \(Voice.time(until)): lbuctl confirm",
      "  \(otherwise)",
    ]
  }
}
