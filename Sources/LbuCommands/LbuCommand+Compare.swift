import LbudCore
import LbudProtocol

/// `lbu status` and `lbu diff`
extension LbuCommand {
  func status() throws {
    let session = try LbuSession(arguments)
    if arguments.all { return try sayAgainstPackages(session) }
    if arguments.verbose {
      let rules: RulesReply = try session.call("Rules", NoParameters())
      sayList(rules, isInclude: true)
      sayList(rules, isInclude: false)
    }
    try session.withPassword(isNew: false) {
      let reply: ChangesReply = try session.call(
        "Changes", OtherwiseCall(otherwise: try session.otherwise(media: arguments.names.first)))
      try say(reply.changes, session)
    }
  }

  /// In lbu's order: what is gone first.
  private func say(_ changes: [ChangeReport], _ session: LbuSession) throws {
    guard !changes.isEmpty else { return }
    let now = try entries(session).map(\.path.path)
    let difference = UnpackedDifference(now: now, changes)
    for path in difference.gone { say(UInt8(ascii: "D"), path) }
    let updated = changes.filter { $0.kind == .modified || $0.kind == .metadata }.map(\.path.path)
    let there = difference.new.map { ($0, UInt8(ascii: "A")) } + updated.map { ($0, UInt8(ascii: "U")) }
    for (path, letter) in there.sorted(by: { $0.0 < $1.0 }) { say(letter, path) }
  }

  private func say(_ letter: UInt8, _ path: BytePath) {
    LbuVoice.say(bytes: [letter, UInt8(ascii: " ")] + path.bytes + [UInt8(ascii: "\n")])
  }

  private func sayAgainstPackages(_ session: LbuSession) throws {
    for entry in try entries(session) where entry.reason != "+" {
      LbuVoice.say(bytes: Array((entry.reason + " ").utf8) + entry.path.rawBytes + [UInt8(ascii: "\n")])
    }
  }

  /// - Returns: 1 where anything differs, as diff(1) does.
  func diff() throws -> Int32 {
    let session = try LbuSession(arguments)
    var differs = false
    try session.withPassword(isNew: false) {
      let call = OtherwiseCall(otherwise: try session.otherwise(media: arguments.names.first))
      try session.callMore("Diff", call) { (reply: DiffReply, _) in
        LbuVoice.say(bytes: reply.text.bytes)
        differs = reply.differs
      }
    }
    return differs ? 1 : 0
  }
}
