import LbudCore
import LbudProtocol
import LbudSystem

/// What a snapshot holds, by lbu.list.
extension ControlInterface {
  func edit(_ mode: LbuList.Mode, _ call: IncomingCall, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: EditCall.self)
    do {
      let edits = try await daemon.edit(
        mode, parameters.paths.map(\.rawBytes), remove: parameters.remove ?? false)
      try await replies.send(
        EditReply(file: "/" + LbuList.path.display, edits: (edits ?? []).map(EditReport.init), exists: edits != nil)
      )
    } catch let error as LbuList.NameError {
      throw VarlinkError.failed(error.description, hint: error.hint)
    } catch let error as FileError {
      throw VarlinkError.failed("\(error)", hint: "lbu.list is as it was; mend that and try again")
    }
  }

  func rules(_ call: IncomingCall, _ replies: ReplyWriter) async throws {
    _ = try call.parameters(as: NoParameters.self)
    do {
      let list = try await daemon.rules()
      try await replies.send(
        RulesReply(
          exists: list != nil, include: (list?.entries(.include) ?? []).map { WirePath(bytes: $0) },
          exclude: (list?.entries(.exclude) ?? []).map { WirePath(bytes: $0) }))
    } catch let error as FileError {
      throw VarlinkError.failed("\(error)", hint: "mend that and try again")
    }
  }
}

extension EditReport {
  init(_ edit: LbuList.Edit) {
    let outcome: Outcome =
      switch edit.outcome {
      case .added: .added
      case .alreadyThere: .present
      case .removed: .removed
      case .notThere: .absent
      }
    self.init(path: WirePath(bytes: edit.name), list: edit.mode == .include ? .include : .exclude, outcome: outcome)
  }
}
