import LbudCore

/// Confirmations, as the media have them.
extension SnapshotStore {
  /// The one in force, and what is wrong with others.
  /// - Throws: `FileError`.
  func confirmation(in top: borrowing Descriptor) throws -> (Confirmation?, Problem?) {
    guard let folder = openFolder(in: top) else { return (nil, nil) }
    let awaiting = try Publisher.awaiting(self, top, folder)
    guard awaiting.confirmation == nil, let name = awaiting.found.damaged.first else {
      return (awaiting.confirmation, nil)
    }
    return (
      nil,
      Problem(
        .warning, subject: folderPath + "/" + displayText(of: name),
        "is not whole: if a snapshot was to be confirmed, it stays",
        remedy: "to go back: lbuctl revert -1; the next commit removes the file")
    )
  }

  /// Keeps the current snapshot, whatever was to happen to it.
  /// - Returns: what it was; nil where nothing was to be confirmed.
  /// - Throws: `StoreError`; then it is still to be confirmed.
  package func confirm(say: @escaping (String) -> Void) throws(StoreError) -> Confirmation? {
    try changingConfirmation("the snapshot could not be confirmed", say) { publisher in
      let confirmation = publisher.awaiting.confirmation
      try ConfirmationFiles.remove(publisher.awaiting.found.names, in: publisher.folder, path: folderPath) {
        () throws(FileError) in try publisher.flushDevice()
      }
      return confirmation
    }
  }

  /// Writes anew what is in force, as it counts in this boot.
  /// - Throws: `StoreError`.
  package func rewrite(_ confirmation: Confirmation, say: @escaping (String) -> Void) throws(StoreError) {
    try changingConfirmation("the time for the confirmation could not be written", say) { publisher in
      guard publisher.awaiting.confirmation?.back == confirmation.back else { return }
      let flush = { () throws(FileError) in try publisher.flushDevice() }
      _ = try ConfirmationFiles.write(confirmation, in: publisher.folder, path: folderPath, flush: flush)
      try ConfirmationFiles.remove(
        publisher.awaiting.found.names, in: publisher.folder, path: folderPath, flush: flush)
    }
  }

  private func changingConfirmation<Result>(
    _ what: String, _ say: @escaping (String) -> Void, _ body: (Publisher) throws -> Result
  ) throws(StoreError) -> Result {
    try explaining(what, hint: "try again") {
      try mount.withAccess(.writing, note: { say($0.line) }, say: say) {
        try body(try Publisher.open(self, foreign: .saveAside, say: say))
      }
    }
  }

  /// Makes the snapshot current again that a confirmation in force has as the one to go back to.
  /// - Returns: nil where none is in force.
  /// - Throws: `StoreError`, as `revert`.
  package func goBack(say: @escaping (String) -> Void) throws(StoreError) -> Reverted? {
    let back = try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) { try confirmation(in: mount.open()).0?.back }
    }
    return try back.map { back throws(StoreError) in try revert(to: back, say: say) }
  }
}
