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
    case "io.lbud.Hold": try await hold(call, peer, replies)
    case "io.lbud.Release": try await release(call, replies)
    case "io.lbud.Reload": try await reload(call, replies)
    case "io.lbud.Cache": try await cache(call, replies)
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

  private func commit(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: CommitCall.self)
    guard parameters.message?.utf8.count ?? 0 <= 4096 else { throw VarlinkError.invalidParameter("message") }
    if parameters.dryRun != true, try await schedule(parameters, peer, replies) { return }
    let request = Daemon.Request(
      reason: .request, uid: peer.uid, message: parameters.message, removesOthers: parameters.removeOthers ?? false)
    // A task of its own: a client that leaves must not stop a commit half-way.
    let work = Task { try await daemon.commit(request, dryRun: parameters.dryRun ?? false) }
    do {
      let outcome = try await work.value
      let report = try await daemon.report()
      try await replies.send(report.commitReply(outcome))
    } catch let error as Daemon.CommitError {
      throw VarlinkError.commitFailed(error.description, hint: error.hint)
    }
  }

  /// Whether the commit is one for later, and the caller has been told so.
  private func schedule(_ parameters: CommitCall, _ peer: Peer, _ replies: ReplyWriter) async throws -> Bool {
    let isHook = parameters.afterTransaction ?? false
    let holder = await daemon.isInTransaction(pid: peer.pid)
    guard isHook || holder != nil else { return false }
    var request = Daemon.Request(
      reason: isHook ? .apk : .request, uid: peer.uid, message: parameters.message,
      removesOthers: parameters.removeOthers ?? false)
    request.isDeferred = true
    let obstacle = await daemon.ask(request)
    let report = try await daemon.report()
    var reply = report.commitReply(Daemon.Outcome(changes: report.changes, media: report.mediaPath))
    reply.scheduled = obstacle == nil
    if let obstacle { reply.notes = ["no commit is made by itself: \(obstacle)"] }
    try await replies.send(reply)
    return true
  }
}
