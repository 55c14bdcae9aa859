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
    if peer.uid != 0, peer.uid != geteuid(), let error = await refusal(of: call, to: peer) {
      logger.info("refused \(displayText(of: call.method.utf8)) of \(peer)")
      throw error
    }
    try await handler.handle(call, from: peer, to: replies)
  }

  private func refusal(of call: IncomingCall, to peer: Peer) async -> VarlinkError? {
    let members = await daemon.currentMembers()
    let names = AccountNames(root: daemon.root).users(of: peer.uid)
    let permission = Permission(
      members.include(peer, called: names) ? .member : .stranger, calling: call.method,
      otherwise: call.isGiven("otherwise"))
    let refusal = Refusal(
      uid: peer.uid, user: names.first.map { displayText(of: $0) }, method: displayText(of: call.method.utf8),
      group: displayText(of: members.name.utf8), groupExists: members.group != nil)
    return refusal.error(permission)
  }
}
