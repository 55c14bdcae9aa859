import LbudCore
import LbudProtocol
import LbudSystem

/// Commits that are to be confirmed.
extension ControlInterface {
  func confirm(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    // A task of its own: a client that leaves must not stop it half-way.
    let work = Task { try await daemon.confirm(uid: peer.uid) }
    let confirmed = try await answering { try await work.value }
    let report = try await daemon.report()
    try await replies.send(ConfirmReply(confirmed: report.confirmationReport(confirmed)))
  }

  /// - Throws: `VarlinkError` for what is none.
  func confirmation(_ call: CommitCall, _ peer: Peer) throws -> ConfirmationOrder? {
    guard let seconds = call.confirmWithin else {
      guard call.reboot != true else { throw VarlinkError.invalidParameter("reboot") }
      return nil
    }
    guard seconds > 0, Int64(seconds) <= DurationText.longest else {
      throw VarlinkError.invalidParameter("confirmWithin")
    }
    return ConfirmationOrder(
      seconds: Seconds(Int64(seconds)), reboots: call.reboot ?? false, uid: peer.uid,
      user: AccountNames(root: daemon.root).user(peer.uid), message: call.message)
  }
}

extension DaemonReport {
  func confirmationReport(_ confirmation: Confirmation) -> ConfirmationReport {
    ConfirmationReport(
      since: Double(confirmation.made), until: time(of: confirmation.deadline),
      back: WirePath(bytes: confirmation.back),
      reboot: confirmation.reboots, uid: Int(confirmation.uid), user: confirmation.user, message: confirmation.message)
  }
}
