import LbudCore
import LbudProtocol
import LbudSystem

/// The snapshots from before.
extension ControlInterface {
  func snapshots(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: OtherwiseCall.self)
    let (media, olds) = try await answering { try await daemon.olds(CallSettings(parameters.otherwise)) }
    try await replies.send(
      SnapshotsReply(
        media: media,
        snapshots: olds.map {
          OldSnapshotReport(
            name: WirePath(bytes: $0.name), folder: $0.isInFolder ? "LBUD" : "", size: Int(clamping: $0.size),
            time: Double($0.modified))
        }))
  }

  func log(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: LogCall.self)
    guard parameters.limit ?? 0 >= 0 else { throw VarlinkError.invalidParameter("limit") }
    let log = try await answering { try await daemon.history(CallSettings(parameters.otherwise)) }
    let told = LogEntry.all(of: log).prefix(parameters.limit ?? .max)
    try await send(Array(told), call, peer, replies) { LogReply(media: log.media, entries: Array($0)) }
  }

  func revert(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: RevertCall.self)
    // A task of its own: a client that leaves must not stop it half-way.
    let settings = try CallSettings(parameters.otherwise)
    let reference = try parameters.snapshot.reference("snapshot")
    let work = Task {
      try await daemon.revert(
        to: reference, settings, isLive: parameters.live ?? false, takesForeign: parameters.foreign ?? false,
        uid: peer.uid)
    }
    let outcome = try await answering { try await work.value }
    let report = try await daemon.report()
    let (snapshot, reverted) = (WirePath(bytes: outcome.snapshot), outcome.reverted)
    try await replies.send(
      RevertReply(
        media: outcome.media, snapshot: snapshot, name: reverted?.name ?? displayText(of: outcome.snapshot),
        former: reverted?.former, retired: reverted?.retired ?? [], hold: outcome.hold.map(report.holdReport),
        notes: (reverted?.notes ?? []) + (outcome.restored?.notes ?? []),
        actions: outcome.restored?.actions.map(RestorationReport.init)))
  }
}
