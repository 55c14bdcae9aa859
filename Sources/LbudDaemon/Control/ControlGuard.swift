import Glibc
import LbudCore
import LbudProtocol
import LbudSystem
import Logging

/// Lets through what its caller may call, as the kernel says who that is, and refuses the rest.
struct ControlGuard: VarlinkHandler {
  let daemon: Daemon
  let handler: any VarlinkHandler
  let logger: Logger

  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    if !peer.mayAll, let error = await refusal(of: call, to: peer) {
      logger.info("refused \(shown(call.method)) of \(peer)")
      throw error
    }
    try await handler.handle(call, from: peer, to: replies)
  }

  /// A name that is as long as a message may be is nobody's to read.
  private func shown(_ method: String) -> String { displayText(of: method.utf8.prefix(100)) }

  private func refusal(of call: IncomingCall, to peer: Peer) async -> VarlinkError? {
    let members = await daemon.currentMembers()
    let names = AccountNames(root: daemon.root).users(of: peer.uid)
    let permission = Permission(
      members.include(peer, called: names) ? .member : .stranger, calling: call.method,
      otherwise: call.isGiven("otherwise"))
    let refusal = Refusal(
      uid: peer.uid, user: names.first.map { displayText(of: $0) }, method: shown(call.method),
      group: displayText(of: members.name.utf8), groupExists: members.group != nil)
    return refusal.error(permission)
  }
}

extension Peer {
  /// Whether it is root, or lbud's own user.
  var mayAll: Bool { uid == 0 || uid == geteuid() }
}
