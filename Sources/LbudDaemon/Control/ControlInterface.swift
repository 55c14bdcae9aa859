import LbudCore
import LbudProtocol
import LbudSystem

/// The wire side of `io.lbud`: decodes a call, asks the daemon, encodes the answer. Whether it may be called is decided before,
/// by `ControlGuard`.
struct ControlInterface: VarlinkHandler {
  static let name = "io.lbud"
  /// How many changes are listed where the caller does not say.
  static let changeLimit = 200
  /// And at most, where the caller may only ask.
  static let changeLimitOfMembers = 1000
  /// How many entries one of several replies holds.
  static let entriesPerReply = 1000

  let daemon: Daemon

  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    guard let method = ControlMethod(rawValue: call.method) else { throw VarlinkError.methodNotFound(call.method) }
    switch method {
    case .status: try await status(call, peer, replies)
    case .list: try await list(call, peer, replies)
    case .commit: try await commit(call, peer, replies)
    case .hold: try await hold(call, peer, replies)
    case .release: try await release(call, replies)
    case .reload: try await reload(call, replies)
    case .cache: try await cache(call, replies)
    case .doctor: try await doctor(call, replies)
    case .include: try await edit(.include, call, replies)
    case .exclude: try await edit(.exclude, call, replies)
    case .rules: try await rules(call, replies)
    case .changes: try await changes(call, peer, replies)
    case .diff: try await diff(call, replies)
    case .package: try await package(call, peer, replies)
    case .snapshots: try await snapshots(call, replies)
    case .log: try await log(call, peer, replies)
    case .show: try await show(call, replies)
    case .restore: try await restore(call, peer, replies)
    case .verify: try await verify(call, replies)
    case .revert: try await revert(call, peer, replies)
    case .confirm: try await confirm(call, peer, replies)
    case .monitor: try await monitor(call, peer, replies)
    }
  }

  /// How many paths one reply lists: who may only ask must not have lbud work for long.
  func limit(_ wished: Int?, of peer: Peer) throws -> Int {
    let limit = wished ?? Self.changeLimit
    guard limit >= 0 else { throw VarlinkError.invalidParameter("limit") }
    return peer.mayAll ? limit : min(limit, Self.changeLimitOfMembers)
  }

  private func status(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: StatusCall.self)
    let limit = try limit(parameters.limit, of: peer)
    try await replies.send(try await daemon.report().statusReply(changeLimit: limit))
  }

  private func list(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    try await send(try await daemon.list(), call, peer, replies) { entries in
      ListReply(
        entries: entries.map {
          ListEntry(path: WirePath(bytes: $0.name), reason: String(decoding: [$0.reason.letter], as: UTF8.self))
        })
    }
  }

  /// Sends many things in several replies, each made when it is sent, if the call has more. Whoever may only ask has to take
  /// them so: one reply of all of them would stay in memory for as long as he does not read.
  func send<Item: Sendable, Reply: Encodable & Sendable>(
    _ items: [Item], _ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter,
    as reply: (ArraySlice<Item>) -> Reply
  ) async throws {
    try await send(items, call, peer, replies) { items, _ in reply(items) }
  }

  /// - Parameter reply: is also told whether it is the last.
  func send<Item: Sendable, Reply: Encodable & Sendable>(
    _ items: [Item], _ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter,
    as reply: (ArraySlice<Item>, _ isLast: Bool) -> Reply
  ) async throws {
    guard call.more || peer.mayAll || items.count <= Self.entriesPerReply else { throw VarlinkError.expectedMore }
    var rest = items[...]
    while call.more, rest.count > Self.entriesPerReply {
      try await replies.send(reply(rest.prefix(Self.entriesPerReply), false), continues: true)
      rest = rest.dropFirst(Self.entriesPerReply)
    }
    try await replies.send(reply(rest, true))
  }
}
