import LbudCore
import LbudProtocol

/// `lbu include` and `lbu exclude`
extension LbuCommand {
  func edit(_ method: String) throws {
    if arguments.lists {
      guard arguments.names.isEmpty else { throw usage }
      let session = try LbuSession(arguments)
      return sayList(try session.call("Rules", NoParameters()), isInclude: method == "Include")
    }
    guard !arguments.names.isEmpty else { throw usage }
    let session = try LbuSession(arguments)
    let reply: EditReply = try session.call(
      method,
      EditCall(paths: arguments.names.map { WirePath(bytes: $0) }, remove: arguments.removes ? true : nil))
    guard reply.exists else {
      throw LbuFailure("\(reply.file): no such file", hint: "nothing is listed, and there is nothing to take out")
    }
    guard arguments.verbose else { return }
    let file = session.environment.root == "/" ? reply.file : session.environment.root + reply.file
    for edit in reply.edits { LbuVoice.say(words(edit, file)) }
  }

  func sayList(_ reply: RulesReply, isInclude: Bool) {
    guard reply.exists else { return }
    if arguments.verbose { LbuVoice.say(isInclude ? "Include files:" : "Exclude files:") }
    LbuVoice.say(bytes: lines((isInclude ? reply.include : reply.exclude).map(\.rawBytes)))
  }

  private func words(_ edit: EditReport, _ file: String) -> String {
    let name = displayText(of: edit.path.rawBytes)
    return switch edit.outcome {
    case .added: "Adding \(name) to \(file)."
    case .present: "\(name) is already in \(file)."
    case .removed: "Removing \(name) from \(file)."
    case .absent: "\(name) is not in \(file)"
    }
  }
}
