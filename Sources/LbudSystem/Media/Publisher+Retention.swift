import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Step 7: old snapshots go that the settings do not keep.
extension Publisher {
  /// Removes old snapshots, the oldest first. lbu left its own in the top directory; they count too. The new snapshot is
  /// safe by now: what goes wrong here is worth a note, and no failure of the commit.
  ///
  /// Each is held open until its name is gone from the medium. Else vfat may write that its clusters are free first: after
  /// a power cut in between, the next snapshot gets them while the old name is still there, and removing that name then
  /// frees what the current snapshot is made of (contrib/crashtest saw it).
  /// - Parameter given: dated names that this very commit has given. They count, and stay.
  func prune(keeping given: [String]) -> (dropped: [String], notes: [String]) {
    do throws(FileError) {
      let decisions = guardedStore.decisions(on: try oldNames(), given: Set(given.map { Array($0.utf8) }))
      let going = decisions.filter { !$0.isKept }.reversed()
      for old in going { say("\(displayText(of: old.name)) goes: \(old.words)") }
      return remove(going.map(\.name))
    } catch {
      return ([], ["\(error)"])
    }
  }

  /// What may be old snapshots, in both places.
  func oldNames() throws(FileError) -> [[UInt8]] {
    try folder.names(path: BytePath(folderPath)) + top.names(path: BytePath(store.path))
  }

  /// - Returns: whether it is gone.
  func remove(old name: [UInt8]) -> Bool {
    let (dropped, notes) = remove([name])
    for note in notes { say(note) }
    return !dropped.isEmpty
  }

  private func remove(_ names: [[UInt8]]) -> (dropped: [String], notes: [String]) {
    var (dropped, notes): ([String], [String]) = ([], [])
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    do throws(FileError) {
      let inTop = try top.names(path: BytePath(store.path))
      for name in names {
        let isInFolder = !inTop.contains(name)
        let path = (isInFolder ? folderPath : store.path) + "/" + displayText(of: name)
        let relative = (isInFolder ? SnapshotStore.subdirectory + "/" : "") + displayText(of: name)
        guard owners.partners(of: relative).isEmpty else {
          notes.append(sharedNote(path, relative))
          continue
        }
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

  func sharedNote(_ path: String, _ relative: String) -> String {
    "\(path) stays: it has its place on the medium in common with "
      + "\(owners.partners(of: relative).joined(separator: ", ")); unmount the medium and check it: fsck"
  }
}
