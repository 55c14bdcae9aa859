import LbudArchive
import LbudCore

extension SnapshotStore {
  /// What a snapshot holds at a path.
  package struct Shown: Sendable {
    /// Of the snapshot, with the folder in front.
    package var name: [UInt8]
    /// The entry itself, or for a directory all that is in it, in the order of the paths' bytes.
    package var entries: [(path: BytePath, entry: SnapshotContents.Entry)]
    /// Of the file that the path is; nil for everything else.
    package var content: [UInt8]?
  }

  /// Bytes of a file that is shown: it is in memory until it has been sent.
  static let shownLimit: UInt64 = 256 << 20

  /// Looks at what a snapshot holds. Nothing of it is told before the whole snapshot has turned out to be whole.
  /// - Parameters:
  ///   - path: of an entry, or of a directory that need not be one; the root for all.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`.
  package func show(
    _ reference: SnapshotReference, path: BytePath, say: @escaping (String) -> Void
  ) throws(StoreError) -> Shown {
    try readingSnapshots("the snapshot cannot be read", say: say) { open in
      let snapshot = try open(reference)
      let limits = SnapshotContents.Limits(file: Self.shownLimit, total: Self.shownLimit)
      let held = try snapshot.whole {
        try SnapshotContents.read(
          fileSize: snapshot.size(), paths: [], inside: path, contentsOf: [path], limits: limits, readAt: snapshot.read)
      }.entries
      var shown = Shown(name: snapshot.entry.relativeName, entries: [])
      if let entry = held[path], entry.fingerprint.content != .directory {
        shown.entries = [(path, entry)]
        shown.content = entry.content
        if case .file(let size, _) = entry.fingerprint.content, entry.content == nil {
          throw StoreError.tooLargeToShow(path, size, snapshot)
        }
        return shown
      }
      guard !held.isEmpty || path.isRoot else { throw StoreError.notHeld(path, snapshot) }
      shown.entries = held.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      return shown
    }
  }
}

extension StoreError {
  static func notHeld(_ path: BytePath, _ snapshot: SnapshotStore.OpenSnapshot) -> StoreError {
    StoreError(
      "\(snapshot.path) does not hold \(path.display)",
      hint: "lbuctl show \(displayText(of: snapshot.entry.relativeName)) lists what it holds")
  }

  fileprivate static func tooLargeToShow(
    _ path: BytePath, _ size: UInt64, _ snapshot: SnapshotStore.OpenSnapshot
  ) -> StoreError {
    StoreError(
      "\(path.display) has \(SpaceNeed.shown(size)) in \(snapshot.path): too large to be shown",
      hint: "unpack it from the snapshot with tar")
  }
}
