/// The errors of `io.lbud`. All but the last two have `ErrorWords`.
package enum ControlError: String, CaseIterable, Sendable {
  case commitFailed = "io.lbud.CommitFailed"
  case passwordMissing = "io.lbud.PasswordMissing"
  case noMedia = "io.lbud.NoMedia"
  case otherOverlays = "io.lbud.OtherOverlays"
  case failed = "io.lbud.Failed"
  case notPermitted = "io.lbud.NotPermitted"
  case limitExceeded = "io.lbud.LimitExceeded"
  case internalFailure = "io.lbud.Internal"
}

/// Parameters of the errors that have nothing but words.
package struct ErrorWords: Codable, Sendable, Equatable {
  package var message: String
  package var hint: String

  package init(message: String, hint: String) {
    self.message = message
    self.hint = hint
  }
}

extension VarlinkError {
  /// One of the errors that have nothing but words.
  package init(_ error: ControlError, message: String, hint: String) {
    self.init(error.rawValue, ["message": .string(message), "hint": .string(hint)])
  }

  package static func failed(_ message: String, hint: String) -> VarlinkError {
    VarlinkError(.failed, message: message, hint: hint)
  }

  package static func notPermitted(_ message: String, hint: String) -> VarlinkError {
    VarlinkError(.notPermitted, message: message, hint: hint)
  }

  /// A failure nobody foresaw.
  package static func internalFailure(_ message: String) -> VarlinkError {
    VarlinkError(ControlError.internalFailure.rawValue, ["message": .string(message)])
  }

  /// The connection asked for more than it may have, and is closed after this.
  package static func limitExceeded(_ limit: String, maximum: Int) -> VarlinkError {
    VarlinkError(ControlError.limitExceeded.rawValue, ["limit": .string(limit), "maximum": .integer(maximum)])
  }
}
