import LbudProtocol

/// Why lbu ends with an error: what is said, and the exit code.
struct LbuFailure: Error {
  var message: String
  var hint: String?
  var isPasswordMissing = false
  /// Whether the settings name no media, for which lbu shows a usage.
  var isMediaMissing = false

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  init(_ error: ClientError) {
    self.init(error.description, hint: error.hint)
    guard case .remote(let remote) = error else { return }
    switch remote.name {
    case ControlError.otherOverlays.rawValue:
      hint = "Please use -d to replace: they are removed once this box's own is safe"
    case ControlError.passwordMissing.rawValue: isPasswordMissing = true
    case ControlError.noMedia.rawValue: isMediaMissing = true
    default: break
    }
  }

  func say() {
    LbuVoice.error(message)
    if let hint { LbuVoice.hint(hint) }
  }
}
