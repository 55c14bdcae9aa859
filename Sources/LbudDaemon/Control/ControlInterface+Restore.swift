import LbudCore
import LbudProtocol
import LbudSystem

/// Putting back what a snapshot holds.
extension ControlInterface {
  func restore(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: RestoreCall.self)
    let settings = try CallSettings(parameters.otherwise)
    let order = Daemon.RestoreWish(
      request: try Self.request(parameters), snapshot: try parameters.snapshot?.reference("snapshot") ?? .back(0),
      isDryRun: parameters.dryRun ?? false, takesForeign: parameters.foreign ?? false)
    // A task of its own: a client that leaves must not stop it half-way.
    let work = Task { try await daemon.restore(order, settings, uid: peer.uid) }
    let restored = try await answering { try await work.value }
    try await send(restored.actions, call, peer, replies) { actions, isLast in
      RestoreReply(
        media: restored.media, snapshot: WirePath(bytes: restored.snapshot),
        actions: actions.map(RestorationReport.init), notes: isLast ? restored.notes : [])
    }
  }

  private static func request(_ parameters: RestoreCall) throws -> RestoreRequest {
    if parameters.all == true {
      guard parameters.paths.isEmpty, parameters.delete != false else { throw VarlinkError.invalidParameter("all") }
      return .all
    }
    guard !parameters.paths.isEmpty else { throw VarlinkError.invalidParameter("paths") }
    do throws(RestoreRefusal) {
      var paths: [BytePath] = []
      for path in parameters.paths { paths.append(try RestoreRequest.path(path.rawBytes)) }
      return RestoreRequest(paths: paths, deletes: parameters.delete ?? false)
    } catch {
      throw VarlinkError.failed("nothing is restored: \(error.words().text)", hint: error.words().hint)
    }
  }
}

extension RestorationReport {
  init(_ action: Restored.Action) { self.init(path: WirePath(action.path), kind: .init(action.kind)) }
}
