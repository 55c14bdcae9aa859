import LbudCore

/// What a snapshot made now would hold.
extension OverlayTree {
  /// Entries that follow one another in the archive.
  package struct Stretch: Sendable {
    /// In the archive's order.
    package var entries: [SelectedEntry] = []
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
  package var entries: [SelectedEntry] { stretch(from: nil, upTo: nil).entries }

  /// What stands in the archive from one place on, up to another; nil for its beginning and its end.
  ///
  /// Only directories are walked that can have something of it.
  package func stretch(from: ArchiveKey?, upTo: ArchiveKey?) -> Stretch {
    var stretch = Stretch()
    func add(_ path: BytePath, _ fingerprint: Fingerprint, _ reason: Reason) {
      let key = ArchiveKey(path, fingerprint.kind)
      if let from, key < from { return }
      if let upTo, key >= upTo { return }
      stretch.add(path, fingerprint, reason)
    }
    var pending = [top]
    while let directory = pending.popLast() {
      let base = directory.path
      if let reason = directory.reason { add(base, directory.fingerprint, reason) }
      for (name, file) in directory.files {
        if let reason = file.reason { add(base.appending(name), file.fingerprint, reason) }
      }
      for (name, child) in directory.directories
      where Self.canHold(base.appending(name), from, upTo) { pending.append(child) }
    }
    for (path, file) in included.known { add(path, file.fingerprint, .included) }
    stretch.entries.sort(by: SelectedEntry.archiveOrder)
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
  package func missing(of saved: SavedEntries) -> [BytePath] {
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
