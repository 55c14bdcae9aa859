import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// The wire side of `io.lbud`: decodes a call, asks the daemon, encodes the answer.
struct ControlInterface: VarlinkHandler {
  static let name = "io.lbud"
  /// How many changes are listed where the caller does not say.
  static let changeLimit = 200
  /// How many entries one of several replies holds.
  static let entriesPerReply = 1000

  let daemon: Daemon

  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    try authorize(peer)
    switch call.method {
    case "io.lbud.Status": try await status(call, replies)
    case "io.lbud.List": try await list(call, replies)
    case "io.lbud.Commit": try await commit(call, peer, replies)
    case "io.lbud.Monitor": try await monitor(call, replies)
    case "io.lbud.Hold": try await hold(call, peer, replies)
    case "io.lbud.Release": try await release(call, replies)
    case "io.lbud.Reload": try await reload(call, replies)
    case "io.lbud.Cache": try await cache(call, replies)
    case "io.lbud.Include": try await edit(.include, call, replies)
    case "io.lbud.Exclude": try await edit(.exclude, call, replies)
    case "io.lbud.Rules": try await rules(call, replies)
    case "io.lbud.Changes": try await changes(call, replies)
    case "io.lbud.Diff": try await diff(call, replies)
    case "io.lbud.Package": try await package(call, peer, replies)
    case "io.lbud.Snapshots": try await snapshots(call, replies)
    case "io.lbud.Revert": try await revert(call, peer, replies)
    default: throw VarlinkError.methodNotFound(call.method)
    }
  }

  private func authorize(_ peer: Peer) throws {
    guard peer.uid == 0 || peer.uid == geteuid() else {
      throw VarlinkError.notPermitted("uid \(peer.uid) may not drive lbud", hint: "call it as root")
    }
  }

  private func status(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: StatusCall.self)
    let limit = parameters.limit ?? Self.changeLimit
    guard limit >= 0 else { throw VarlinkError.invalidParameter("limit") }
    try await replies.send(try await daemon.report().statusReply(changeLimit: limit))
  }

  private func list(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    var entries = try await daemon.list().map {
      ListEntry(
        path: WirePath(bytes: $0.name), reason: String(decoding: [$0.reason.letter], as: UTF8.self))
    }[...]
    while call.more, entries.count > Self.entriesPerReply {
      try await replies.send(ListReply(entries: Array(entries.prefix(Self.entriesPerReply))), continues: true)
      entries = entries.dropFirst(Self.entriesPerReply)
    }
    try await replies.send(ListReply(entries: Array(entries)))
  }
}
