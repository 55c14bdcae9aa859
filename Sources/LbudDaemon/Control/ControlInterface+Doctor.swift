import LbudCore
import LbudProtocol
import LbudSystem

/// What would come back, in the words of the interface.
extension ControlInterface {
  func doctor(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    let diagnosis = try await answering { try await daemon.diagnose() }
    try await replies.send(DoctorReply(diagnosis))
  }
}

extension DoctorReply {
  init(_ diagnosis: Diagnosis) {
    self.init(
      good: diagnosis.isGood, sentence: diagnosis.sentence,
      checks: diagnosis.checks.map { check in
        let state: CheckReport.State =
          switch check.state {
          case .ok: .ok
          case .warning: .warning
          case .failed: .failed
          case .skipped: .skipped
          }
        return CheckReport(
          id: check.id.rawValue, state: state, text: harmlessText(of: check.text),
          remedy: check.remedy.map(harmlessText))
      })
  }
}
