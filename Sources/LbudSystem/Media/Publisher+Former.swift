import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Steps 2 and 3: the old file, held open, under its dated name.
extension Publisher {
  /// - Returns: the old file, open, and its dated name; nil where there is none.
  func keepCurrent() throws -> NamedFile? {
    guard let current = try openCurrent() else { return nil }
    let status = try current.status(path: store.currentPath)
    guard status.kind == .file else { throw StoreError.unusable(store.currentPath, "no regular file") }
    let name = try giveDatedName(
      to: current, status, named: Array(store.currentName.utf8), suffix: store.cipher.map { ".\($0)" } ?? "")
    try flushDevice()
    return NamedFile(current, name, in: ownFolder)
  }

  private func openCurrent() throws -> Descriptor? {
    do {
      return try top.openFile(Array(store.currentName.utf8), path: BytePath(store.currentPath))
    } catch {
      switch error.code {
      case ENOENT: return nil
      case ELOOP: throw StoreError.unusable(store.currentPath, "a symlink")
      default: throw error
      }
    }
  }

  /// Gives a file of the top directory a second name in `LBUD/`; it is to be flushed by the caller.
  /// - Parameters:
  ///   - name: its name now.
  ///   - host: whose old snapshot it is; this box's where it is nil.
  ///   - suffix: behind `.tar.gz`.
  /// - Returns: the second one.
  func giveDatedName(
    to current: borrowing Descriptor, _ status: FileStatus, named name: [UInt8], host: String? = nil,
    suffix: String = ""
  ) throws -> String {
    let present = name
    let host = host ?? store.host
    // Several commits within a second: the next free second is near enough. One that became free by retention is not
    // free for a newer snapshot, which would then count as the oldest.
    let names = try folder.names(path: BytePath(folderPath)) + top.names(path: BytePath(store.path))
    let first = Retention.firstFreeSecond(from: status.modificationTime, host: Array(host.utf8), names)
    for second in 0..<1000 {
      let name = SnapshotName.dated(host: host, time: first + Int64(second), suffix: suffix)
      if try folder.status(of: Array(name.utf8), path: BytePath(folderPath + "/" + name)) != nil { continue }
      switch link(present, as: name) {
      case 0:
        provisional.append(name)
        try folder.synchronize(path: folderPath)
        return name
      case EEXIST: continue
      case EPERM, EOPNOTSUPP, ENOSYS, EMLINK, EACCES:
        say("\(store.path) knows no links: the old snapshot is copied")
        try copy(current, status, to: name)
        provisional.append(name)
        return name
      case let code: throw FileError("link the old snapshot as", folderPath + "/" + name, code: code)
      }
    }
    throw FileError("find a free name for the old snapshot in", folderPath, code: EEXIST)
  }

  /// - Returns: 0 or an errno.
  private func link(_ present: [UInt8], as name: String) -> Int32 {
    // Of a file that does not count its names a link is one name too many again: that of the names that go.
    guard store.mayLink, owners.partners(of: displayText(of: present)).isEmpty else { return EPERM }
    return linkat(top.raw, cString(present), folder.raw, name, 0) == 0 ? 0 : errno
  }

  private func copy(
    _ current: borrowing Descriptor, _ status: FileStatus, to name: String
  ) throws {
    let temporary = try createTemporary()
    let path = folderPath + "/" + temporary.name
    do {
      try fill(temporary, from: current, status, store.currentPath)
      let (folder, from) = (folder.raw, temporary.name)
      try retrying("name the old snapshot", path) { renameat(folder, from, folder, name) }
      try self.folder.synchronize(path: folderPath)
      try temporary.descriptor.synchronize(path: path)
    } catch {
      remove(temporary)
      throw error
    }
  }
}
