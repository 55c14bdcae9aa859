import LbudCore

/// What a snapshot made now would hold.
extension OverlayTree {
  /// Entries that follow one another in the archive.
  package struct Stretch: Sendable {
    /// In the archive's order.
    package var entries = EntryList()
    /// Bytes that they take in a tar, by the sizes that were last seen; without the tar's end.
    package var tarBytes: UInt64 = 0

    mutating func add(_ path: BytePath, _ fingerprint: Fingerprint, _ reason: Reason) {
      entries.append(SelectedEntry(path, fingerprint.kind, reason))
      var size: UInt64 = 0
      if case .file(let known, _) = fingerprint.content { size = known }
      tarBytes = tarBytes.addingSaturated(SpaceNeed.tarBytes(nameLength: path.bytes.count, contentSize: size))
    }
  }

  /// Everything, in the order of the archive, each with its reason.
  package var entries: [SelectedEntry] { Array(stretch(from: nil, upTo: nil).entries) }

  /// What stands in the archive from one place on, up to another; nil for its beginning and its end.
  ///
  /// Only directories are walked that can have something of it.
  package func stretch(from: ArchiveKey?, upTo: ArchiveKey?) -> Stretch {
    var stretch = Stretch()
    func add(_ key: ArchiveKey, _ fingerprint: Fingerprint, _ reason: Reason) {
      if let from, key < from { return }
      if let upTo, key >= upTo { return }
      stretch.add(key.path, fingerprint, reason)
    }
    var included = included.known.map { (key: ArchiveKey($0, $1.fingerprint.kind), file: $1) }
      .sorted { $0.key < $1.key }[...]
    for (path, fingerprint, reason) in OrderedWalk(top, isWanted: { Self.canHold($0, from, upTo) }) {
      let key = ArchiveKey(path, fingerprint.kind)
      while let other = included.first, other.key < key {
        add(other.key, other.file.fingerprint, .included)
        included.removeFirst()
      }
      add(key, fingerprint, reason)
    }
    for other in included { add(other.key, other.file.fingerprint, .included) }
    return stretch
  }

  /// Whether something at or below a directory can stand there.
  private static func canHold(_ directory: BytePath, _ from: ArchiveKey?, _ upTo: ArchiveKey?) -> Bool {
    if let upTo, !upTo.isLast, directory >= upTo.path { return false }
    guard let from else { return true }
    // All of it stands before the first name behind `directory/`.
    return !from.isLast && from.path < BytePath(bytes: directory.bytes + [BytePath.separator + 1])
  }

  /// The first entry at or below a directory.
  package func firstEntry(inside directory: BytePath) -> SelectedEntry? {
    stretch(
      from: ArchiveKey(directory, .directory),
      upTo: ArchiveKey(BytePath(bytes: directory.bytes + [BytePath.separator + 1]), .directory)
    ).entries.first { $0.path.isInside(directory) }
  }

  /// Those of a snapshot's entries that a snapshot made now would not hold.
  func missing(of saved: SavedEntries) -> [BytePath] {
    var missing: [BytePath] = []
    // The next entry is mostly in the same directory.
    var (parent, directory): (BytePath?, WatchedDirectory?) = (nil, nil)
    for (path, _) in saved {
      let folder = path.parent
      if parent != folder { (parent, directory) = (folder, self.directory(at: folder)) }
      let name = path.name
      let isThere =
        directory?.files[name].map { $0.reason != nil } ?? directory?.directories[name].map { $0.reason != nil }
        ?? (included.known[path] != nil)
      if !isThere { missing.append(path) }
    }
    return missing
  }

  /// Bytes that an archive of the entries takes at most, by the sizes that were last seen.
  package var archiveBound: UInt64 {
    SpaceNeed.archiveBound(tarBytes: stretch(from: nil, upTo: nil).tarBytes.addingSaturated(1024))
  }
}
