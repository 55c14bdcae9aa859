import LbudCore
import LbudProtocol

/// `lbu list-backup` and `lbu revert`
extension LbuCommand {
  func listBackup() throws {
    let session = try LbuSession(arguments)
    let reply: SnapshotsReply = try session.call(
      "Snapshots", OtherwiseCall(otherwise: try session.otherwise(media: arguments.names.first)))
    LbuVoice.say(bytes: lines(reply.snapshots.map(\.name.rawBytes)))
  }

  func revert() throws {
    let name = arguments.names.first ?? []
    let session = try LbuSession(arguments)
    // lbu takes whatever it is told to.
    let call = RevertCall(
      snapshot: ReferenceReport(.named(name)), foreign: true,
      otherwise: try session.otherwise(media: arguments.names.dropFirst().first))
    let reply: RevertReply
    do throws(LbuFailure) {
      reply = try session.call("Revert", call)
    } catch {
      throw error.inWordsOfLbu
    }
    for note in reply.notes { LbuVoice.note(note) }
    guard arguments.verbose else { return }
    for former in reply.retired + [reply.former].compactMap(\.self) {
      LbuVoice.say("Creating backup \(reply.media)/LBUD/\(former)")
    }
    LbuVoice.say("Reverting to \(displayText(of: name))")
  }
}

extension LbuFailure {
  /// With lbu's own command in the hint.
  fileprivate var inWordsOfLbu: LbuFailure {
    var failure = self
    failure.hint = hint?.replacing("lbuctl log", with: "lbu list-backup")
    return failure
  }
}
