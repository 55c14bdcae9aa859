import LbudProtocol

/// `lbu commit`
extension LbuCommand {
  func commit() throws {
    let session = try LbuSession(arguments)
    let isVerbose = arguments.verbose || arguments.dryRun
    if isVerbose { try sayArchived(session) }
    try session.withPassword(isNew: true) {
      var last: CommitReply?
      let call = CommitCall(
        dryRun: arguments.dryRun ? true : nil, removeOthers: arguments.deletes ? true : nil, force: true,
        otherwise: try session.otherwise(media: arguments.names.first))
      try session.callMore("Commit", call) { (reply: CommitReply, _) in
        if let output = reply.output { LbuVoice.aside(bytes: output.bytes) } else { last = reply }
      }
      if let last { say(last, isVerbose) }
    }
  }

  private func say(_ reply: CommitReply, _ isVerbose: Bool) {
    for note in reply.notes { LbuVoice.note(note) }
    if reply.scheduled { return LbuVoice.note("it is saved when apk has ended its transaction") }
    guard isVerbose else { return }
    guard let snapshot = reply.snapshot else {
      let total = reply.counts.total
      return LbuVoice.say("Would save \(total) change\(total == 1 ? "" : "s") to \(reply.media)")
    }
    if !reply.removed.isEmpty {
      LbuVoice.aside("Removing old apk overlay files:")
      for name in reply.removed { LbuVoice.say("\(reply.media)/\(name)") }
      LbuVoice.aside("")
    }
    for name in reply.retired + [reply.former].compactMap(\.self) where !reply.dropped.contains(name) {
      LbuVoice.say("Creating backup \(reply.media)/LBUD/\(name)")
    }
    LbuVoice.say("Created \(reply.media)/\(snapshot.name)")
    LbuVoice.say("Successfully saved apk overlay files")
  }
}
