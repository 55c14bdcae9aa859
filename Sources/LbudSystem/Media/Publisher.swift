import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Puts a new snapshot in the place of the current one.
///
/// The order of the steps is the one that left no bad state after a power cut on vfat and ext4 (facts, section 5): the
/// old file is held open, so that vfat does not free its clusters before the new entry is safe, and on file systems
/// that have links it keeps one; directories are written before the file, and the device is flushed by itself, since a
/// file system's own sync does not do it everywhere.
final class Publisher {
  struct Published {
    var built: SnapshotBuilder.Built
    /// What the old snapshot is called now; nil where there was none, or it was not kept.
    var former: String?
    var dropped: [String]
    /// Old snapshots that could not be removed, in words.
    var notes: [String]
    /// The new file, as it is under its final name.
    var status: FileStatus
  }

  private let store: SnapshotStore
  private let top: Descriptor
  private let folder: Descriptor
  private let device: BlockDevice?
  private let say: (String) -> Void

  private var folderPath: String { store.path + "/" + SnapshotStore.subdirectory }

  private init(
    store: SnapshotStore, top: consuming Descriptor, folder: consuming Descriptor, device: consuming BlockDevice?,
    say: @escaping (String) -> Void
  ) {
    self.store = store
    self.top = top
    self.folder = folder
    self.device = device
    self.say = say
  }

  /// Opens the media for one commit and keeps other writers out of it.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError`, `FileError`.
  static func open(_ store: SnapshotStore, say: @escaping (String) -> Void) throws -> Publisher {
    let top = try store.open()
    try lock(top, store.path)
    let rivals = try store.rivals(in: top)
    guard rivals.isEmpty else {
      throw StoreError.rivals(store.path, rivals.map { displayText(of: $0) }, current: store.currentName)
    }
    let folder = try folder(in: top, store.path)
    let device = BlockDevice.under(top, say: say)
    return Publisher(store: store, top: top, folder: folder, device: device, say: say)
  }

  /// flock(2) on the directory itself leaves no file on the media. NFS knows no such lock on a directory.
  ///
  /// A child of this process that is being started holds the lock of a commit that is over until it has become another
  /// program: so a busy lock is tried again for a second.
  private static func lock(_ top: borrowing Descriptor, _ path: String) throws {
    var tries = 0
    while flock(top.raw, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK:
        tries += 1
        guard tries < 50 else { throw StoreError.busy(path) }
        usleep(20_000)
      case EBADF, ENOLCK, EOPNOTSUPP: return
      default: throw FileError("lock", path)
      }
    }
  }

  private static func folder(in top: borrowing Descriptor, _ path: String) throws(FileError) -> Descriptor {
    let raw = top.raw
    let name = SnapshotStore.subdirectory
    if mkdirat(raw, name, 0o700) == 0 {
      try top.synchronize(path: path)
    } else if errno != EEXIST {
      throw FileError("make", path + "/" + name)
    }
    let opened = try retrying("open", path + "/" + name) {
      openat(raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    return Descriptor(owning: opened)
  }

  /// - Parameter build: writes the archive to the file it is given.
  /// - Throws: `StoreError`, `FileError`, `ArchiveError`. Then the current snapshot is the one it was, unless the error
  ///   came after the new one took its place; the new one is whole in either case.
  func publish(_ build: (FileOutput) throws -> SnapshotBuilder.Built) throws -> Published {
    let temporary = try createTemporary()
    let built: SnapshotBuilder.Built
    do {
      built = try build(FileOutput(raw: temporary.descriptor.raw, path: folderPath + "/" + temporary.name))
      try makeDurable(temporary, built)
      let former = try replaceCurrent(by: temporary)
      let status = try temporary.descriptor.status(path: store.currentPath)
      let pruned = prune(to: store.limit)
      return Published(built: built, former: former, dropped: pruned.dropped, notes: pruned.notes, status: status)
    } catch {
      // After the rename there is nothing of that name to remove.
      _ = unlinkat(folder.raw, temporary.name, 0)
      throw error
    }
  }

  // MARK: Step 1: the new file, whole on the media before anything else is touched

  /// An open file and its name in the folder.
  private final class NamedFile {
    let descriptor: Descriptor
    let name: String

    init(_ descriptor: consuming Descriptor, _ name: String) {
      self.descriptor = descriptor
      self.name = name
    }
  }

  private func createTemporary() throws(FileError) -> NamedFile {
    for _ in 0..<64 {
      // 8.3 again: one directory entry.
      let name = "NEW." + format(UInt32.random(in: 0..<46_656))
      let raw = openat(folder.raw, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if raw >= 0 { return NamedFile(Descriptor(owning: raw), name) }
      guard errno == EEXIST || errno == EINTR else { throw FileError("make a file in", folderPath) }
    }
    throw FileError("make a file in", folderPath, code: EEXIST)
  }

  private func format(_ number: UInt32) -> String {
    let text = String(number, radix: 36, uppercase: true)
    return String(repeating: "0", count: 3 - text.count) + text
  }

  private func makeDurable(
    _ temporary: NamedFile, _ built: SnapshotBuilder.Built
  ) throws {
    let path = folderPath + "/" + temporary.name
    try temporary.descriptor.synchronize(path: path)
    if store.verifies {
      // What the page cache holds proves nothing about the medium.
      posix_fadvise(temporary.descriptor.raw, 0, 0, POSIX_FADV_DONTNEED)
      try verify(temporary, built, path)
    }
    try folder.synchronize(path: folderPath)
    try top.synchronize(path: store.path)
    try flushDevice()
  }

  private func verify(
    _ temporary: NamedFile, _ built: SnapshotBuilder.Built, _ path: String
  ) throws {
    do {
      let raw = temporary.descriptor.raw
      let size = try temporary.descriptor.status(path: path).size
      let record = try SnapshotRecord.check(fileSize: size) { offset, buffer in
        try retrying("read", path) { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
      }
      guard record == built.record else { throw StoreError.mismatch(path, "its record is another one") }
    } catch let error as ArchiveError {
      throw StoreError.mismatch(path, "\(error)")
    }
  }

  // MARK: Steps 4 to 6: the new name, and the old file let go when it is safe

  /// - Returns: the dated name of the old file.
  private func replaceCurrent(by temporary: NamedFile) throws -> String? {
    let former = try keepCurrent()
    let (from, to, name) = (folder.raw, top.raw, temporary.name)
    try retrying("replace", store.currentPath) { renameat(from, name, to, store.currentName) }
    try settle(temporary)
    return withExtendedLifetime(former) { former?.name }
  }

  // MARK: Steps 2 and 3: the old file, held open, under its dated name

  /// - Returns: the old file, open, and its dated name; nil where there is none.
  private func keepCurrent() throws -> NamedFile? {
    guard let current = try openCurrent() else { return nil }
    let status = try current.status(path: store.currentPath)
    guard status.kind == .file else { throw StoreError.unusable(store.currentPath, "no regular file") }
    let name = try giveDatedName(current, status)
    try flushDevice()
    return NamedFile(current, name)
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

  private func giveDatedName(
    _ current: borrowing Descriptor, _ status: FileStatus
  ) throws(FileError) -> String {
    // Several commits within a second: the next free second is near enough. One that became free by retention is not
    // free for a newer snapshot, which would then count as the oldest.
    let names = try folder.names(path: BytePath(folderPath)) + top.names(path: BytePath(store.path))
    let first = Retention.firstFreeSecond(from: status.modificationTime, host: Array(store.host.utf8), names)
    for second in 0..<1000 {
      let name = SnapshotName.dated(host: store.host, time: first + Int64(second))
      if try folder.status(of: Array(name.utf8), path: BytePath(folderPath + "/" + name)) != nil { continue }
      switch link(as: name) {
      case 0:
        try folder.synchronize(path: folderPath)
        return name
      case EEXIST: continue
      case EPERM, EOPNOTSUPP, ENOSYS, EMLINK, EACCES:
        say("\(store.path) knows no links: the old snapshot is copied")
        try copy(current, status, to: name)
        return name
      case let code: throw FileError("link the old snapshot as", folderPath + "/" + name, code: code)
      }
    }
    throw FileError("find a free name for the old snapshot in", folderPath, code: EEXIST)
  }

  /// - Returns: 0 or an errno.
  private func link(as name: String) -> Int32 {
    guard store.mayLink else { return EPERM }
    return linkat(top.raw, store.currentName, folder.raw, name, 0) == 0 ? 0 : errno
  }

  private func copy(
    _ current: borrowing Descriptor, _ status: FileStatus, to name: String
  ) throws(FileError) {
    let temporary = try createTemporary()
    let path = folderPath + "/" + temporary.name
    do {
      try copyBytes(from: current, to: temporary, path)
      var times = [timespec(), timespec()]
      times[0].tv_nsec = clbud_utime_omit
      times[1].tv_sec = time_t(status.modificationTime)
      // The date is the old one's; a file system that cannot keep it loses only that.
      _ = futimens(temporary.descriptor.raw, times)
      try temporary.descriptor.synchronize(path: path)
      let (folder, from) = (folder.raw, temporary.name)
      try retrying("name the old snapshot", path) { renameat(folder, from, folder, name) }
      try self.folder.synchronize(path: folderPath)
      try temporary.descriptor.synchronize(path: path)
    } catch {
      _ = unlinkat(folder.raw, temporary.name, 0)
      throw error
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

  // MARK: Step 5: the new name is safe

  /// An error here is tried again while the old file is still held: giving up would free what may yet be needed.
  private func settle(_ temporary: NamedFile) throws {
    var attempt = 0
    while true {
      do {
        try folder.synchronize(path: folderPath)
        try top.synchronize(path: store.path)
        try flushDevice()
        try temporary.descriptor.synchronize(path: store.currentPath)
        return try flushDevice()
      } catch {
        attempt += 1
        guard attempt < 5 else { throw StoreError.unsettled(store.currentPath, error) }
        say("\(error); trying again")
        usleep(200_000)
      }
    }
  }

  private func flushDevice() throws(FileError) {
    try device?.flush()
  }

  // MARK: Step 7: retention

  /// Makes room for a snapshot that does not fit, by removing old ones beyond the limit.
  /// - Returns: whether any was removed. The newest old one stays in any case.
  func makeRoom() -> Bool { !prune(to: max(1, store.limit)).dropped.isEmpty }

  /// Removes old snapshots, the oldest first. lbu left its own in the top directory; they count too. The new snapshot is
  /// safe by now: what goes wrong here is worth a note, and no failure of the commit.
  private func prune(to limit: Int) -> (dropped: [String], notes: [String]) {
    var (dropped, notes): ([String], [String]) = ([], [])
    do throws(FileError) {
      let inFolder = try folder.names(path: BytePath(folderPath))
      let inTop = try top.names(path: BytePath(store.path))
      for name in Retention.dropped(inFolder + inTop, host: Array(store.host.utf8), limit: limit) {
        let isInFolder = inFolder.contains(name)
        let path = (isInFolder ? folderPath : store.path) + "/" + displayText(of: name)
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
