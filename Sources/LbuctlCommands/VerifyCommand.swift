import ArgumentParser
import LbudCore
import LbudProtocol

/// `lbuctl verify`: whether snapshots are what was written.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read snapshots from the medium and check all of them.",
    discussion: """
      Each is read past the page cache. The exit code is 1 if one is damaged; one that is encrypted, and whose password is not \
      there, is told and not counted as damaged.
      """)

  @OptionGroup var connection: Connection

  @Flag(help: "Check all that the media holds.")
  var all = false

  @Argument(help: ArgumentHelp(SnapshotArgument.help + " The newest where it is left out."))
  var snapshot: SnapshotArgument?

  func validate() throws {
    guard all, snapshot != nil else { return }
    throw ValidationError("--all and a snapshot are too much: either all or one")
  }

  func run() throws {
    var last = VerifyReply(media: "")
    var currentIsDamaged = false
    let call = try VerifyCall(snapshot: snapshot?.report, all: all ? true : nil)
    try connection.callMore("io.lbud.Verify", call) { (reply: VerifyReply, _) in
      last = reply
      guard let snapshot = reply.snapshot else { return }
      currentIsDamaged = currentIsDamaged || (snapshot.current && snapshot.state == .damaged)
      // A line for each, as it is done.
      if connection.json { try connection.printJSON(reply) } else { snapshot.say() }
    }
    let count = last.sound + last.damaged + last.sealed
    if connection.json {
      try connection.printJSON(last)
    } else if all {
      Voice.say(count == 0 ? "there are no snapshots in \(last.media)" : Self.summary(last))
    }
    guard last.damaged > 0 else { return }
    let what =
      count == 1 ? "the snapshot is damaged" : "\(Voice.count(last.damaged, "snapshot is", "snapshots are")) damaged"
    throw Failure(
      .failed, "\(last.media): \(what)",
      hint: currentIsDamaged
        ? "lbuctl commit replaces the current one; the medium may be dying: have another one ready"
        : "a damaged one is not gone back to; the medium may be dying: have another one ready")
  }

  private static func summary(_ reply: VerifyReply) -> String {
    let parts = [(reply.sound, "sound"), (reply.damaged, "damaged"), (reply.sealed, "not checked")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return "\(reply.media): \(parts.joined(separator: ", "))"
  }
}

extension VerifiedReport {
  fileprivate func say() {
    let facts = [
      state == .sealed ? nil : Voice.count(entries, "entry", "entries"), Voice.size(size), Voice.time(time),
    ].compactMap(\.self)
    let verdict =
      switch state {
      case .sound: recorded ? "sound" : "sound, no record to compare with"
      case .damaged: "damaged"
      case .sealed: "not checked, encrypted and the password is not there"
      }
    Voice.say("\(displayText(of: name.rawBytes)) (\(facts.joined(separator: ", "))): \(verdict)")
    for damage in damages { damage.say() }
    if damages.isEmpty, let why { Voice.say("  \(harmlessText(of: why))") }
    if lost > 0 { Voice.say("  \(Voice.count(lost, "entry", "entries")) cannot be read") }
  }
}

extension DamageReport {
  fileprivate func say() {
    Voice.say("  " + (path.map { displayText(of: $0.rawBytes) + ": " } ?? "") + harmlessText(of: reason))
    guard doubtfulCount > 0 else { return }
    Voice.say("    \(path == nil ? "it is in one of these" : "it may have begun in one of these, read before"):")
    for path in doubtful.prefix(20) { Voice.say("    " + displayText(of: path.rawBytes)) }
    if doubtfulCount > 20 { Voice.say("    and \(doubtfulCount - 20) more") }
  }
}
