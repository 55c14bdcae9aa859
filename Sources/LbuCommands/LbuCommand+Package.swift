import LbudCore
import LbudProtocol
import LbudSystem

/// `lbu package`
extension LbuCommand {
  func package() throws {
    let session = try LbuSession(arguments)
    let name = arguments.names.first ?? []
    let isPlain = name.elementsEqual("-".utf8)
    if arguments.verbose { try sayArchived(session) }
    try session.withPassword(isNew: true) {
      var file: PackageFile?
      let call = PackageCall(otherwise: try session.otherwise(), plain: isPlain ? true : nil)
      do {
        try session.callMore("Package", call) { (reply: PackageReply, continues) in
          if let output = reply.output { LbuVoice.aside(bytes: output.bytes) }
          if let data = reply.data {
            if file == nil { file = try PackageFile(name: name, default: reply.name) }
            try file?.write(data.bytes)
          }
          guard !continues else { return }
          for note in reply.notes { LbuVoice.note(note) }
        }
        try file?.finish()
      } catch {
        let consolation = file?.consolation
        file?.giveUp()
        guard let error = error as? FileError else { throw error }
        throw LbuFailure("\(error)", hint: consolation)
      }
      if arguments.verbose, !isPlain, let file { LbuVoice.say("Created \(file.shown)") }
    }
  }
}
