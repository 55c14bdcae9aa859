import LbudArchive
import LbudCore

/// What snapshots hold, all of it.
extension SnapshotStore {
  /// What one of them holds, as the journal compares it.
  package struct SavedState: Sendable {
    /// With the folder in front.
    package var name: [UInt8]
    package var entries: SavedEntries
  }

  /// - Parameter say: takes what is worth a debug line.
  /// - Returns: one for each reference.
  /// - Throws: `StoreError` where one is not there or not whole.
  package func states(
    of references: [SnapshotReference], say: @escaping (String) -> Void
  ) throws(StoreError) -> [SavedState] {
    try readingSnapshots("the snapshot cannot be read", say: say) { open in
      try references.map { reference in
        let snapshot = try open(reference)
        return SavedState(name: snapshot.entry.relativeName, entries: try snapshot.index().entries)
      }
    }
  }
}

extension SnapshotStore.OpenSnapshot {
  /// Reads the whole of it.
  /// - Throws: `StoreError` where it is not whole; `FileError`.
  func index() throws -> SnapshotIndex {
    try whole { try SnapshotIndex.read(fileSize: size(), readAt: read) }
  }

  /// Runs what reads the snapshot, and says of damage whose it is.
  /// - Throws: `StoreError` for what is wrong with the snapshot, and what `body` throws.
  func whole<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ArchiveError { throw StoreError.notWhole(path, error) }
  }
}

extension StoreError {
  /// One that was asked for, and of which nothing is used.
  static func notWhole(_ path: String, _ error: ArchiveError) -> StoreError {
    var damaged = StoreError(
      "\(path) is no whole snapshot: \(error)", hint: "nothing of it is used; lbuctl log shows which others there are")
    damaged.isDamage = true
    return damaged
  }

  /// One that was asked for is encrypted, and its password is not there.
  static func sealed(_ path: String) -> StoreError {
    var error = StoreError(
      "\(path) is encrypted, and PASSWORD is not set",
      hint: "set PASSWORD in /\(Settings.path.display) to the one it has")
    error.isPasswordMissing = true
    return error
  }

  /// The password is another one, or the file is damaged: openssl cannot tell which.
  static func unopened(_ path: String, _ error: StoreError) -> StoreError {
    var unopened = StoreError(
      error.description,
      hint: "set PASSWORD in /\(Settings.path.display) to the one it has; or it is damaged: lbuctl log "
        + "shows which others there are")
    unopened.isDamage = true
    return unopened
  }
}
