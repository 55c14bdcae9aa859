import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Making an old snapshot the current one.
extension Publisher {
  struct Copied {
    /// What the snapshot before is called now.
    var former: String?
    var retired: [String]
    /// Why the old name is still there, in words.
    var notes: [String]
    /// The new file, as it is under its final name.
    var status: FileStatus
  }

  /// It is copied, and not renamed: a rename has moments in which there is no current one, or two names of one place.
  /// - Throws: as `publish`.
  func publish(copyOf old: SnapshotStore.OldFile) throws -> Copied {
    try checkIsThere(old)
    isGoingBack = true
    try checkRoom(for: old.status.size)
    let isFirst = try top.status(of: Array(store.currentName.utf8), path: BytePath(store.currentPath)) == nil
    let temporary = try createTemporary(
      in: isFirst ? MediaFolder.open(SnapshotStore.stage, in: folder, folderPath) : ownFolder)
    do {
      try fill(temporary, from: old.descriptor, old.status, old.path)
      try makeNameDurable(temporary)
      let retired = try retireOwn()
      let former = try replaceCurrent(by: temporary)
      let status = try finalStatus(temporary)
      let stays = removeRivals(retired)
      let notes = removeName(of: old) + removeFormerAnnouncements()
      if let stays { throw StoreError.rivalStays(store.currentPath, stays) }
      return Copied(former: former, retired: retired.values.sorted(), notes: notes, status: status)
    } catch {
      // After the rename there is nothing of that name to remove.
      remove(temporary)
      for name in provisional { _ = remove(old: Array(name.utf8)) }
      throw error
    }
  }

  /// It was opened before other writers were kept out.
  private func checkIsThere(_ old: SnapshotStore.OldFile) throws {
    let status =
      try old.isInFolder
      ? folder.status(of: old.name, path: BytePath(old.path)) : top.status(of: old.name, path: BytePath(old.path))
    guard status?.identity == old.status.identity else { throw StoreError.noSuchOld(old.path) }
  }

  /// Old snapshots do not go to make room: the one that is wanted next may be among them. But where nobody is there they do.
  private func checkRoom(for size: UInt64) throws {
    let copies = try sizesOfCopies()
    var free = try Space.free(top, path: store.path)
    if let files = free.files, files < UInt64(copies.count) + 4 { throw StoreError.noFilesLeft(store.path) }
    if let limit = Space.largestFile, size > limit {
      throw StoreError.fileTooLarge(store.path, needs: size, limit: limit)
    }
    let needs = SpaceNeed(files: copies + [size]).bytes(block: free.block)
    // Nobody is there who could make room.
    if needs > free.bytes, isUnattended {
      for name in try oldestFirst() where try Space.free(top, path: store.path).bytes < needs { _ = remove(old: name) }
      free = try Space.free(top, path: store.path)
    }
    guard needs <= free.bytes else { throw StoreError.full(store.path, needs: needs, free: free.bytes) }
  }

  /// This box's old snapshots but for the one that is wanted.
  private func oldestFirst() throws(FileError) -> [[UInt8]] {
    let untouchable = guardedStore.protected
    return Retention.dropped(try oldNames(), host: Array(store.host.utf8), limit: 0).filter {
      !untouchable.contains($0)
    }
  }

  /// Held open until the name is gone from the medium, for the reason that `prune` has.
  private func removeName(of old: SnapshotStore.OldFile) -> [String] {
    defer { withExtendedLifetime(old) {} }
    guard owners.partners(of: old.relative).isEmpty else { return [sharedNote(old.path, old.relative)] }
    do throws(FileError) {
      let (directory, name) = (old.isInFolder ? folder.raw : top.raw, cString(old.name))
      if unlinkat(directory, name, 0) != 0, errno != ENOENT { throw FileError("remove the old snapshot", old.path) }
      if old.isInFolder {
        try folder.synchronize(path: folderPath)
      } else {
        try top.synchronize(path: store.path)
      }
      try flushDevice()
      return []
    } catch {
      return ["\(error)"]
    }
  }
}
