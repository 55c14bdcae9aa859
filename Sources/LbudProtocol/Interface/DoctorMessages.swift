/// One of the checks of `io.lbud.Doctor`.
package struct CheckReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case ok, warning, failed, skipped
  }

  package var id: String
  package var state: State
  package var text: String
  package var remedy: String?

  package init(id: String, state: State, text: String, remedy: String?) {
    self.id = id
    self.state = state
    self.text = text
    self.remedy = remedy
  }
}

/// The answer to `io.lbud.Doctor`.
package struct DoctorReply: Codable, Sendable, Equatable {
  /// Whether none failed.
  package var good: Bool
  /// The answer in one sentence.
  package var sentence: String
  package var checks: [CheckReport]

  package init(good: Bool, sentence: String, checks: [CheckReport]) {
    self.good = good
    self.sentence = sentence
    self.checks = checks
  }
}
