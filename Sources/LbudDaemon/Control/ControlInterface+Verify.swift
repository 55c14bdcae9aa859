import LbudArchive
import LbudCore
import LbudProtocol
import LbudSystem

/// Whether snapshots are what was written.
extension ControlInterface {
  func verify(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: VerifyCall.self)
    let settings = try CallSettings(parameters.otherwise)
    guard parameters.all ?? false else {
      let snapshot = try parameters.snapshot?.reference("snapshot") ?? .back(0)
      var reply = VerifyReply(media: "")
      reply.take(try await verification(of: snapshot, settings))
      guard call.more else { return try await replies.send(reply) }
      try await replies.send(reply, continues: true)
      reply.snapshot = nil
      return try await replies.send(reply)
    }
    guard parameters.snapshot == nil else { throw VarlinkError.invalidParameter("snapshot") }
    guard call.more || call.oneway else { throw VarlinkError.expectedMore }
    let log = try await answering { try await daemon.history(settings) }
    var reply = VerifyReply(media: log.media)
    for entry in log.entries {
      // A commit may come between two of them, and remove one.
      guard let verification = try await verificationIfThere(of: entry, settings) else { continue }
      reply.take(verification)
      try await replies.send(reply, continues: true)
    }
    reply.snapshot = nil
    try await replies.send(reply)
  }

  private typealias Verified = (media: String, verification: Verification)

  private func verification(of snapshot: SnapshotReference, _ settings: CallSettings) async throws -> Verified {
    do {
      return try await answering { try await daemon.verify(snapshot, settings) }
    } catch is CancellationError {
      throw VarlinkError(.failed, message: "the reading was broken off: lbud ends", hint: "try again when it runs")
    }
  }

  private func verificationIfThere(of entry: HistoryEntry, _ settings: CallSettings) async throws -> Verified? {
    do {
      return try await verification(of: .named(entry.relativeName), settings)
    } catch {
      let entries = try? await daemon.history(settings).entries
      guard let entries, !entries.contains(where: { $0.relativeName == entry.relativeName }) else { throw error }
      return nil
    }
  }
}

extension VerifyReply {
  fileprivate mutating func take(_ verified: (media: String, verification: Verification)) {
    media = verified.media
    snapshot = VerifiedReport(verified.verification)
    switch verified.verification.verdict {
    case .sound: sound += 1
    case .damaged: damaged += 1
    case .sealed: sealed += 1
    }
  }
}

extension VerifiedReport {
  fileprivate init(_ verification: Verification) {
    let (entry, findings) = (verification.entry, verification.findings)
    let state: State =
      switch verification.verdict {
      case .sound: .sound
      case .damaged: .damaged
      case .sealed: .sealed
      }
    self.init(
      name: WirePath(bytes: entry.relativeName), size: Int(clamping: entry.size), time: Double(entry.time),
      current: entry.standing == .current, state: state, recorded: findings?.record != nil,
      entries: findings?.entryCount ?? 0, lost: findings?.lostCount ?? 0, why: verification.why,
      damages: (findings?.damages ?? []).map(DamageReport.init))
  }
}

extension DamageReport {
  fileprivate init(_ damage: SnapshotFindings.Damage) {
    self.init(
      path: damage.path.map { WirePath($0) }, reason: damage.reason, doubtful: damage.doubtful.map { WirePath($0) },
      doubtfulCount: damage.doubtfulCount)
  }
}
