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

  let store: SnapshotStore
  let top: Descriptor
  let folder: Descriptor
  private let device: BlockDevice?
  let say: (String) -> Void

  var folderPath: String { store.path + "/" + SnapshotStore.subdirectory }

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
    try resolveLeftovers(store, top, folder, say)
    let device = BlockDevice.under(top, say: say)
    return Publisher(store: store, top: top, folder: folder, device: device, say: say)
  }

  private static func resolveLeftovers(
    _ store: SnapshotStore, _ top: borrowing Descriptor, _ folder: borrowing Descriptor, _ say: (String) -> Void
  ) throws {
    let path = store.path + "/" + SnapshotStore.subdirectory
    guard try !Leftovers.names(in: folder, path).isEmpty else { return }
    let current = try store.sharedCurrent(in: top)
    defer { withExtendedLifetime(current) {} }
    for problem in try Leftovers.resolve(in: folder, path: path, current: current?.raw) { say(problem.line) }
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
      remove(temporary)
      throw error
    }
  }

  // MARK: Step 1: the new file, whole on the media before anything else is touched

  /// An open file and its name in the folder.
  final class NamedFile {
    let descriptor: Descriptor
    let name: String

    init(_ descriptor: consuming Descriptor, _ name: String) {
      self.descriptor = descriptor
      self.name = name
    }
  }

  func createTemporary() throws(FileError) -> NamedFile {
    for _ in 0..<64 {
      // 8.3 again: one directory entry.
      let name = "NEW." + format(UInt32.random(in: 0..<46_656))
      let raw = openat(folder.raw, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if raw >= 0 { return NamedFile(Descriptor(owning: raw), name) }
      guard errno == EEXIST || errno == EINTR else { throw FileError("make a file in", folderPath) }
    }
    throw FileError("make a file in", folderPath, code: EEXIST)
  }

  /// Removes a temporary file while it is open, for the reason that `prune` has.
  func remove(_ temporary: NamedFile) {
    guard unlinkat(folder.raw, temporary.name, 0) == 0 else { return }
    try? folder.synchronize(path: folderPath)
    withExtendedLifetime(temporary) { try? flushDevice() }
  }

  private func format(_ number: UInt32) -> String {
    let text = String(number, radix: 36, uppercase: true)
    return String(repeating: "0", count: 3 - text.count) + text
  }

  private func makeDurable(
    _ temporary: NamedFile, _ built: SnapshotBuilder.Built
  ) throws {
    let path = folderPath + "/" + temporary.name
    try flushAllocation()
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

  /// vfat's fsync writes the name before the table of clusters. A name whose first cluster is free is what a power cut in
  /// between leaves, and to remove that is an error that turns the file system read-only (contrib/crashtest saw it). So
  /// the table goes first, while the name says of itself that the file is empty.
  func flushAllocation() throws(FileError) { try flushDevice() }

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
    try settle(temporary, replaced: former != nil)
    return withExtendedLifetime(former) { former?.name }
  }

  // MARK: Step 5: the new name is safe

  /// An error here is tried again while the old file is still held: giving up would free what may yet be needed.
  /// - Parameter replaced: whether there was a file of that name.
  private func settle(_ temporary: NamedFile, replaced: Bool) throws {
    var attempt = 0
    while true {
      do {
        // vfat makes a new name as one of an empty file, and puts size and place in when the file itself is written: the
        // directory first would show the boot loader an empty snapshot (contrib/crashtest saw it).
        if !replaced { try temporary.descriptor.synchronize(path: store.currentPath) }
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

  func flushDevice() throws(FileError) {
    try device?.flush()
  }
}
