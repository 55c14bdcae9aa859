/// Parameters of `io.lbud.Hold`.
package struct HoldCall: Codable, Sendable, Equatable {
  package var seconds: Int?
  package var message: String?

  package init(seconds: Int? = nil, message: String? = nil) {
    self.seconds = seconds
    self.message = message
  }
}

/// A hold: since when, until when, whose, and why.
package struct HoldReport: Codable, Sendable, Equatable {
  /// Seconds since 1970.
  package var since: Double
  package var until: Double?
  package var uid: Int
  package var user: String?
  package var message: String?

  package init(since: Double, until: Double?, uid: Int, user: String?, message: String?) {
    self.since = since
    self.until = until
    self.uid = uid
    self.user = user
    self.message = message
  }
}

/// The answer to `io.lbud.Hold`.
package struct HoldReply: Codable, Sendable, Equatable {
  package var hold: HoldReport
  /// The hold in whose place it is.
  package var former: HoldReport?

  package init(hold: HoldReport, former: HoldReport?) {
    self.hold = hold
    self.former = former
  }
}

/// The answer to `io.lbud.Release`.
package struct ReleaseReply: Codable, Sendable, Equatable {
  package var released: HoldReport?

  package init(released: HoldReport?) { self.released = released }
}

/// The answer to `io.lbud.Reload`.
package struct ReloadReply: Codable, Sendable, Equatable {
  package var problems: [ProblemReport]

  package init(problems: [ProblemReport]) { self.problems = problems }
}
