import LbudProtocol

/// A reply as a client takes it, read as that of every method: the daemon is trusted, what listens in its place need not be.
let replies = Target(name: "replies") { bytes in
  var input = Input(bytes)
  let frame = input.upTo(0)
  guard (try? checkNesting(of: frame)) != nil, let reply = try? IncomingReply(frame: frame) else { return }
  if let error = reply.error {
    _ = error.description
    _ = try? error.parameters(as: ErrorWords.self)
  }
  check(reply, CacheReply.self)
  check(reply, ChangesReply.self)
  check(reply, CommitReply.self)
  check(reply, ConfirmReply.self)
  check(reply, DiffReply.self)
  check(reply, DoctorReply.self)
  check(reply, EditReply.self)
  check(reply, HoldReply.self)
  check(reply, InterfaceDescription.self)
  check(reply, ListReply.self)
  check(reply, LogReply.self)
  check(reply, VerifyReply.self)
  check(reply, MonitorReply.self)
  check(reply, PackageReply.self)
  check(reply, ReleaseReply.self)
  check(reply, ReloadReply.self)
  check(reply, RestoreReply.self)
  check(reply, RevertReply.self)
  check(reply, RulesReply.self)
  check(reply, ServiceInfo.self)
  check(reply, ShowReply.self)
  check(reply, SnapshotsReply.self)
  check(reply, StatusReply.self)
}

/// What is understood is the same when it is sent again.
private func check<P: Codable & Equatable>(_ reply: IncomingReply, _ type: P.Type) {
  guard let parameters = try? reply.parameters(as: type) else { return }
  do {
    let again = try encodeReply(parameters, continues: reply.continues)
    let second = try IncomingReply(frame: Array(again.dropLast()))
    expectEqual(second.continues, reply.continues, "the flag sent again")
    expectEqual(try second.parameters(as: type), parameters, "\(type) sent again")
  } catch {
    expect(false, "\(type) sent again is refused: \(error)")
  }
}
