import LbudCore
import LbudProtocol
import LbudSystem

/// What changes how lbud goes about its work.
extension ControlInterface {
  func hold(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: HoldCall.self)
    guard parameters.message?.utf8.count ?? 0 <= CommitCall.messageLimit else {
      throw VarlinkError.invalidParameter("message")
    }
    let seconds = parameters.seconds.map { Seconds(Int64($0)) }
    guard seconds.map({ $0 > 0 && $0.count <= DurationText.longest }) ?? true else {
      throw VarlinkError.invalidParameter("seconds")
    }
    do {
      let holds = try await daemon.hold(for: seconds, uid: peer.uid, why: parameters.message)
      let report = try await daemon.report()
      try await replies.send(
        HoldReply(hold: report.holdReport(holds.now), former: holds.before.map(report.holdReport)))
    } catch let error as StoreError {
      throw VarlinkError.failed(error.description, hint: error.hint)
    }
  }

  func release(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    do {
      let released = try await daemon.release()
      let report = try await daemon.report()
      try await replies.send(ReleaseReply(released: released.map(report.holdReport)))
    } catch let error as StoreError {
      throw VarlinkError.failed(error.description, hint: error.hint)
    }
  }

  func reload(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    let problems = try await daemon.reloadAll()
    try await replies.send(ReloadReply(problems: problems.map(ProblemReport.init)))
  }
}
