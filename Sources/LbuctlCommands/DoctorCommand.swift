import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl doctor`: what would come back, if the power failed now.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "If the power failed now, what would come back?",
    discussion: """
      It looks for overlays as the boot loader does, unpacks the one that boots in memory, compares it with what runs, and \
      looks at what else a boot depends on. Nothing is changed. It ends with 1 if any check fails.
      """)

  @OptionGroup var connection: Connection

  func run() throws {
    let reply: DoctorReply = try connection.call("io.lbud.Doctor", NoParameters())
    if connection.json {
      try connection.printJSON(reply)
    } else {
      for check in reply.checks { check.lines.forEach { Voice.say($0) } }
      Voice.say(harmlessText(of: reply.sentence))
    }
    if !reply.good { throw ExitCode(1) }
  }
}

extension CheckReport {
  /// What was found, and what to do.
  var lines: [String] {
    let word =
      switch state {
      case .ok: "ok    "
      case .warning: "warn  "
      case .failed: "FAIL  "
      case .skipped: "skip  "
      }
    return [word + harmlessText(of: text)] + (remedy.map { ["      " + harmlessText(of: $0)] } ?? [])
  }
}
