import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Saving where another box's overlay stays the one that boots.
extension Publisher {
  /// Makes the new snapshot the newest of the old ones; the top directory stays as it is.
  /// - Throws: as `publish`.
  func publishAside(
    time: Int64, _ build: (FileOutput) throws -> SnapshotBuilder.Built
  ) throws -> Published {
    let temporary = try createTemporary()
    do {
      let written = try write(temporary, build)
      try makeDurable(temporary, written)
      meter.reached(.publishing)
      let name = try freeName(time)
      let (folder, from) = (self.folder.raw, temporary.name)
      try retrying("name the snapshot", temporary.path) { renameat(folder, from, folder, name) }
      try self.folder.synchronize(path: folderPath)
      try temporary.descriptor.synchronize(path: folderPath + "/" + name)
      try flushDevice()
      let status = try temporary.descriptor.status(path: folderPath + "/" + name)
      // It is one of the old ones itself.
      let pruned = prune(keeping: [name])
      return Published(
        built: written.built, name: SnapshotStore.subdirectory + "/" + name, former: nil, retired: [], removed: [],
        staying: rivals.staying.map { displayText(of: $0) },
        dropped: madeRoom + pruned.dropped, notes: roomNotes + pruned.notes, status: status, seal: written.seal,
        confirmation: awaiting.confirmation)
    } catch {
      remove(temporary)
      throw error
    }
  }

  private func freeName(_ time: Int64) throws(FileError) -> String {
    let names = try folder.names(path: BytePath(folderPath)) + top.names(path: BytePath(store.path))
    let first = Retention.firstFreeSecond(from: time, host: Array(store.host.utf8), names)
    let free = (0..<1000).lazy.map { [host = store.host, cipher = store.cipher] in
      SnapshotName.dated(host: host, time: first + $0, cipher: cipher)
    }
    .first { !names.contains(Array($0.utf8)) }
    guard let free else { throw FileError("find a free name in", folderPath, code: EEXIST) }
    return free
  }
}
