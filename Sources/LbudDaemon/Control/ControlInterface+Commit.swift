import LbudCore
import LbudProtocol
import LbudSystem

extension ControlInterface {
  func commit(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: CommitCall.self)
    guard parameters.message?.utf8.count ?? 0 <= CommitCall.messageLimit else {
      throw VarlinkError.invalidParameter("message")
    }
    var request = Daemon.Request(
      reason: .request, uid: peer.uid, message: parameters.message.flatMap { $0.isEmpty ? nil : $0 },
      removesOthers: parameters.removeOthers ?? false)
    request.isForced = parameters.force ?? false
    request.settings = try CallSettings(parameters.otherwise)
    request.confirmation = try confirmation(parameters, peer)
    let dryRun = parameters.dryRun ?? false
    if !dryRun, try await schedule(&request, parameters.afterTransaction ?? false, peer, replies) { return }
    let outcome: Daemon.Outcome
    do {
      outcome = try await work(request, dryRun, call, replies)
    } catch let error as StoreError {
      throw VarlinkError(error, else: .commitFailed)
    }
    let report = try await daemon.report()
    try await replies.send(report.commitReply(outcome))
  }

  private func work(
    _ request: Daemon.Request, _ dryRun: Bool, _ call: IncomingCall, _ replies: ReplyWriter
  ) async throws -> Daemon.Outcome {
    // A task of its own: a client that leaves must not stop a commit half-way.
    guard call.more else { return try await Task { try await daemon.commit(request, dryRun: dryRun) }.value }
    let pieces = Pieces { (piece: CommitReply) in try await replies.send(piece, continues: true) }
    return try await pieces.during { take in
      var request = request
      request.output = { take(CommitReply(output: WireData($0))) }
      request.progress = { take(CommitReply(progress: ProgressReport($0))) }
      return try await Task { [request] in try await daemon.commit(request, dryRun: dryRun) }.value
    }
  }

  /// Whether the commit is one for later, and the caller has been told so.
  private func schedule(
    _ request: inout Daemon.Request, _ isHook: Bool, _ peer: Peer, _ replies: ReplyWriter
  ) async throws -> Bool {
    let holder = await daemon.isInTransaction(pid: peer.pid)
    guard isHook || holder != nil else { return false }
    if request.confirmation != nil {
      throw VarlinkError(StoreError.transaction(holder), else: .commitFailed)
    }
    // Nobody will be there later.
    guard !daemon.isOnce else {
      request.isInsideTransaction = true
      return false
    }
    request.isDeferred = true
    if isHook { request.reason = .apk }
    let obstacle = await daemon.ask(request)
    let report = try await daemon.report()
    var reply = report.commitReply(Daemon.Outcome(changes: report.changes, media: report.mediaPath))
    reply.scheduled = obstacle == nil
    if let obstacle { reply.notes = ["no commit is made by itself: \(obstacle)"] }
    try await replies.send(reply)
    return true
  }
}
