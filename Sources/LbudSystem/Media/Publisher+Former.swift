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
    let name = try giveDatedName(to: current, status, named: Array(store.currentName.utf8))
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
      try copyBytes(from: current, to: temporary, path)
      var times = [timespec(), timespec()]
      times[0].tv_nsec = clbud_utime_omit
      times[1].tv_sec = time_t(status.modificationTime)
      // The date is the old one's; a file system that cannot keep it loses only that.
      _ = futimens(temporary.descriptor.raw, times)
      try flushAllocation()
      try temporary.descriptor.synchronize(path: path)
      if store.verifies { try compare(current, temporary, path) }
      let (folder, from) = (folder.raw, temporary.name)
      try retrying("name the old snapshot", path) { renameat(folder, from, folder, name) }
      try self.folder.synchronize(path: folderPath)
      try temporary.descriptor.synchronize(path: path)
    } catch {
      remove(temporary)
      throw error
    }
  }

  /// Reads the copy back, past the page cache: an old snapshot that is none is no way back.
  private func compare(
    _ current: borrowing Descriptor, _ temporary: NamedFile, _ path: String
  ) throws {
    posix_fadvise(temporary.descriptor.raw, 0, 0, POSIX_FADV_DONTNEED)
    let (left, right) = (
      UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096),
      UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
    )
    defer {
      left.deallocate()
      right.deallocate()
    }
    var offset: UInt64 = 0
    while true {
      let count = try current.read(at: offset, into: left, path: store.currentPath)
      guard try temporary.descriptor.read(at: offset, into: right, path: path) == count,
        left[..<count].elementsEqual(right[..<count])
      else { throw StoreError.mismatch(path, "the copy of the old snapshot differs from it") }
      if count == 0 { return }
      offset += UInt64(count)
    }
  }

  private func copyBytes(
    from current: borrowing Descriptor, to temporary: NamedFile, _ path: String
  ) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
    defer { buffer.deallocate() }
    var output = FileOutput(raw: temporary.descriptor.raw, path: path)
    var offset: UInt64 = 0
    while true {
      let count = try current.read(at: offset, into: buffer, path: store.currentPath)
      if count == 0 { return }
      do { try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) } catch let error as FileError {
        throw error
      } catch {
        throw FileError("write", path, code: EIO)
      }
      offset += UInt64(count)
    }
  }
}
