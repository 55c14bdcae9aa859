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
  private let turns = Turns()

  init(daemon: Daemon, handler: any VarlinkHandler, logger: Logger) {
    self.daemon = daemon
    self.handler = handler
    self.logger = logger
  }

  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    guard !peer.mayAll else { return try await handler.handle(call, from: peer, to: replies) }
    // All who may only ask have lbud work for one of them at a time, however many they are: root waits for one call at most.
    // That their replies are taken is not part of it.
    let turn = await turns.take()
    defer { turn.end() }
    try Task.checkCancellation()
    if let error = await refusal(of: call, to: peer) {
      logger.info("refused \(shown(call.method)) of \(peer)")
      throw error
    }
    replies.beforeWaiting { turn.end() }
    try await handler.handle(call, from: peer, to: replies)
  }

  /// A name that is as long as a message may be is nobody's to read.
  private func shown(_ method: String) -> String { displayText(of: method.utf8.prefix(100)) }

  private func refusal(of call: IncomingCall, to peer: Peer) async -> VarlinkError? {
    let members = await daemon.currentMembers()
    let accounts = AccountNames(root: daemon.root)
    let isMember = members.include(peer, called: accounts.users(of: peer.uid))
    let permission = Permission(
      isMember ? .member : .stranger, calling: call.method, otherwise: call.isGiven("otherwise"))
    guard permission != .granted else { return nil }
    let refusal = Refusal(
      uid: peer.uid, user: accounts.user(peer.uid), method: shown(call.method),
      group: displayText(of: members.name.utf8), groupExists: members.group != nil)
    return refusal.error(permission)
  }
}

extension Peer {
  /// Whether it is root, or lbud's own user.
  var mayAll: Bool { uid == 0 || uid == geteuid() }
}
