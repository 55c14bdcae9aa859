import LbudCore

/// Confirmations, as the media have them.
extension SnapshotStore {
  /// The one in force, and what is wrong with others.
  /// - Parameter known: what stood on the media before, for where it cannot be read now.
  /// - Throws: `FileError`.
  func confirmation(
    in top: borrowing Descriptor, known: Confirmation? = nil
  ) throws -> (Confirmation?, Problem?) {
    guard let folder = try openFolder(in: top) else { return (nil, nil) }
    let awaiting = try Publisher.awaiting(self, top, folder, known: known)
    if let confirmation = awaiting.confirmation { return (confirmation, absence(of: confirmation.back, in: folder)) }
    if let error = awaiting.found.unreadable { throw error }
    guard let name = awaiting.found.damaged.first else { return (nil, nil) }
    return (
      nil,
      Problem(
        .warning, subject: folderPath + "/" + displayText(of: name),
        "is not whole: if a snapshot was to be confirmed, it stays",
        remedy: "to go back: lbuctl revert -1; the next commit removes the file")
    )
  }

  /// Nobody could go back to what is not there, and now somebody can still do something about it.
  private func absence(of back: [UInt8], in folder: borrowing Descriptor) -> Problem? {
    let shown = path + "/" + displayText(of: back)
    var what = "is not there"
    do throws(FileError) {
      guard try folder.status(of: Self.baseName(back), path: BytePath(shown))?.kind != .file else { return nil }
    } catch {
      what = "cannot be looked at (\(error.reason))"
    }
    return Problem(
      .degraded, subject: shown, "\(what), and it is what is to be gone back to unless somebody confirms",
      remedy: "lbuctl confirm keeps what is current; or put the file back")
  }

  /// Keeps the current snapshot, whatever was to happen to it.
  /// - Parameters:
  ///   - known: what stood on the media before, for where it cannot be read now.
  ///   - note: takes what a person should know.
  /// - Returns: what it was; nil where nothing was to be confirmed.
  /// - Throws: `StoreError`; then it is still to be confirmed.
  package func confirm(
    known: Confirmation?, note: @escaping (Problem) -> Void, say: @escaping (String) -> Void
  ) throws(StoreError) -> Confirmation? {
    try changingConfirmation("the snapshot could not be confirmed", known, note, say) { publisher in
      let confirmation = publisher.awaiting.confirmation
      do throws(FileError) {
        try ConfirmationFiles.remove(publisher.awaiting.found.names, by: publisher)
      } catch {
        // One that is in the way of nothing may stay.
        let left = try Publisher.awaiting(self, publisher.top, publisher.folder).confirmation
        guard left == nil else { throw error }
        say("\(error)")
      }
      return confirmation
    }
  }

  /// Writes anew what is in force, as it counts in this boot.
  /// - Parameter note: takes what a person should know.
  /// - Throws: `StoreError`.
  package func rewrite(
    _ confirmation: Confirmation, note: @escaping (Problem) -> Void, say: @escaping (String) -> Void
  ) throws(StoreError) {
    let what = "the time for the confirmation could not be written"
    try changingConfirmation(what, confirmation, note, say) { publisher in
      guard publisher.awaiting.confirmation?.back == confirmation.back else { return }
      _ = try ConfirmationFiles.write(confirmation, by: publisher)
      try ConfirmationFiles.remove(publisher.awaiting.found.names, by: publisher)
    }
  }

  private func changingConfirmation<Result>(
    _ what: String, _ known: Confirmation?, _ note: @escaping (Problem) -> Void, _ say: @escaping (String) -> Void,
    _ body: (Publisher) throws -> Result
  ) throws(StoreError) -> Result {
    try explaining(what, hint: "try again") {
      try mount.withAccess(.writing, note: note, say: say) {
        try body(try Publisher.open(self, foreign: .saveAside, known: known, say: say))
      }
    }
  }

  /// Makes the snapshot current again that a confirmation in force has as the one to go back to.
  /// - Parameters:
  ///   - known: what stood on the media before, for where it cannot be read now.
  ///   - note: takes what a person should know, beside the notes of what is returned.
  /// - Returns: nil where none is in force.
  /// - Throws: `StoreError`, as `revert`.
  package func goBack(
    known: Confirmation?, note: @escaping (Problem) -> Void, say: @escaping (String) -> Void
  ) throws(StoreError) -> Reverted? {
    let back = try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      // As the revert that follows: so an unclean medium is checked before what is torn on it is met.
      try mount.withAccess(.writing, note: note, say: say) {
        try confirmation(in: mount.open(), known: known).0?.back
      }
    }
    return try back.map { back throws(StoreError) in try revert(to: back, .goingBack(isUnattended: true), say: say) }
  }
}
