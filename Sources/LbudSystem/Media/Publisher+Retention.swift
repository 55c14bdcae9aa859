import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Step 7: old snapshots beyond the limit go.
extension Publisher {
  /// Makes room for a snapshot that does not fit, by removing old ones beyond the limit.
  /// - Returns: whether any was removed. The newest old one stays in any case.
  func makeRoom() -> Bool { !prune(to: max(1, store.limit)).dropped.isEmpty }

  /// Removes old snapshots, the oldest first. lbu left its own in the top directory; they count too. The new snapshot is
  /// safe by now: what goes wrong here is worth a note, and no failure of the commit.
  ///
  /// Each is held open until its name is gone from the medium. Else vfat may write that its clusters are free first: after
  /// a power cut in between, the next snapshot gets them while the old name is still there, and removing that name then
  /// frees what the current snapshot is made of (contrib/crashtest saw it).
  func prune(to limit: Int) -> (dropped: [String], notes: [String]) {
    var (dropped, notes): ([String], [String]) = ([], [])
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    do throws(FileError) {
      let inFolder = try folder.names(path: BytePath(folderPath))
      let inTop = try top.names(path: BytePath(store.path))
      for name in Retention.dropped(inFolder + inTop, host: Array(store.host.utf8), limit: limit) {
        let isInFolder = inFolder.contains(name)
        let path = (isInFolder ? folderPath : store.path) + "/" + displayText(of: name)
        if let file = SharedDescriptor.opening(name, in: isInFolder ? folder.raw : top.raw) { held.append(file) }
        // A name that is gone already needs no removing.
        if unlinkat(isInFolder ? folder.raw : top.raw, cString(name), 0) == 0 || errno == ENOENT {
          dropped.append(displayText(of: name))
        } else {
          notes.append("\(FileError("remove the old snapshot", path))")
        }
      }
      guard !dropped.isEmpty else { return (dropped, notes) }
      try folder.synchronize(path: folderPath)
      if dropped.contains(where: { inTop.contains(Array($0.utf8)) }) { try top.synchronize(path: store.path) }
      try flushDevice()
    } catch {
      notes.append("\(error)")
    }
    return (dropped, notes)
  }
}
