import LbudProtocol

/// Why lbuctl ends with an error: what is said, and the exit code.
struct Failure: Error {
  enum Code: Int32 {
    case failed = 1
    case usage = 2
    case noDaemon = 3
    case notPermitted = 4
  }

  var code: Code
  var message: String
  var hint: String?

  init(_ code: Code, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }

  init(_ error: ClientError) {
    switch error {
    case .notThere: self.init(.noDaemon, error.description, hint: error.hint)
    case .notAllowed: self.init(.notPermitted, error.description, hint: error.hint)
    case .remote(let remote): self.init(remote)
    case .pathTooLong, .lost, .malformed: self.init(.failed, error.description, hint: error.hint)
    }
  }

  private init(_ error: VarlinkError) {
    let words = try? error.parameters(as: ErrorWords.self)
    switch error.name {
    case ControlError.notPermitted.rawValue:
      self.init(.notPermitted, words?.message ?? error.description, hint: words?.hint)
    default: self.init(.failed, words?.message ?? error.description, hint: words?.hint)
    }
  }

  func say() {
    Voice.error(message)
    if let hint { Voice.hint(hint) }
  }
}
