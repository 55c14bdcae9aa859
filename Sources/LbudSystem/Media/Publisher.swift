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
    /// Relative to the media.
    var name: String
    /// What the old snapshot is called now; nil where there was none, or it was not kept.
    var former: String?
    /// What this box's overlays under other names are called now.
    var retired: [String]
    /// Other boxes' overlays that were removed, and those that were left.
    var removed: [String]
    var staying: [String]
    var dropped: [String]
    /// Old snapshots that could not be removed, in words.
    var notes: [String]
    /// The new file, as it is under its final name.
    var status: FileStatus
    /// Of an encrypted one.
    var seal: Seal?
    /// What it is to be confirmed by.
    var confirmation: Confirmation?
  }

  let store: SnapshotStore
  let top: Descriptor
  let ownFolder: MediaFolder
  private let device: BlockDevice?
  /// As it was when the media was opened.
  let owners: ClusterOwners
  let rivals: Rivals
  /// What encrypts the new snapshot; nil where it is saved in the clear.
  let openssl: OpenSSL?
  let say: (String) -> Void
  /// Whether the snapshot before stays as an old one though the new one holds the same.
  var keepsRepetition = false
  var meter = ProgressMeter { _ in }
  /// What is copied from, whose record has been read.
  var base: CopyBase?
  /// What is to be confirmed when the publish begins, what is asked for, and what was written of it.
  let awaiting: Awaiting
  var wanted: ConfirmationOrder?
  var announced: (confirmation: Confirmation, name: [UInt8])?
  /// Whether nobody waits for it who could do something about it.
  var isUnattended = false
  /// The dated names that this box's overlays under other names have got, by these.
  var retired: [[UInt8]: String] = [:]
  /// Whether what is published is what was before: then nothing of it is to be confirmed.
  var isGoingBack = false
  /// Dated names that were given while the new snapshot has not taken its place yet.
  var provisional: [String] = []
  /// Old snapshots that were removed for want of space.
  var madeRoom: [String] = []

  var folder: Descriptor { _read { yield ownFolder.descriptor } }
  var folderPath: String { ownFolder.path }

  private init(
    store: SnapshotStore, top: consuming Descriptor, folder: MediaFolder, device: consuming BlockDevice?,
    owners: ClusterOwners, rivals: Rivals, openssl: OpenSSL?, awaiting: Awaiting, say: @escaping (String) -> Void
  ) {
    self.store = store
    self.top = top
    ownFolder = folder
    self.device = device
    self.owners = owners
    self.rivals = rivals
    self.openssl = openssl
    self.awaiting = awaiting
    self.say = say
  }

  /// Opens the media for one commit and keeps other writers out of it.
  /// - Parameters:
  ///   - openssl: of the store's cipher, where it has one.
  ///   - foreign: what is done about other boxes' overlays.
  ///   - known: what the current snapshot was to be confirmed by, for where that cannot be read now.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`, `FileError`.
  static func open(
    _ store: SnapshotStore, _ openssl: OpenSSL? = nil, foreign: ForeignOverlays = .refuse, known: Confirmation? = nil,
    say: @escaping (String) -> Void
  ) throws -> Publisher {
    let top = try store.mount.open()
    try lock(top, store.path)
    try checkName(store, top)
    let rivals = try Rivals.find(store, in: top, foreign)
    let folder = try openFolder(store, in: top)
    let owners = try store.clusterOwners(top, folder.descriptor)
    for problem in try Leftovers.resolve(
      in: folder.descriptor, path: store.folderPath, owners: owners, current: store.currentName)
    { say(problem.line) }
    let device = BlockDevice.under(top, say: say)
    let awaiting = try awaiting(store, top, folder.descriptor, known: known)
    return Publisher(
      store: store, top: top, folder: folder, device: device, owners: owners, rivals: rivals, openssl: openssl,
      awaiting: awaiting, say: say)
  }

  private static func openFolder(_ store: SnapshotStore, in top: borrowing Descriptor) throws -> MediaFolder {
    do {
      return try MediaFolder.open(SnapshotStore.subdirectory, in: top, store.path) { () throws(FileError) in
        guard ClusterOwners.isFAT(top) else { return 0 }
        // Where little is left the snapshot may need it.
        return try Space.free(top, path: store.path).bytes < 1 << 20 ? 0 : SnapshotStore.roomOnFAT
      }
    } catch {
      guard error.code == ENOSPC, ClusterOwners.isFAT(top), try Space.free(top, path: store.path).bytes > 64 * 1024
      else { throw error }
      throw StoreError.noRoomForNames(store.path)
    }
  }

  /// Known before anything is written: vfat would refuse the name at the very end.
  private static func checkName(_ store: SnapshotStore, _ top: borrowing Descriptor) throws(StoreError) {
    guard ClusterOwners.isFAT(top), let objection = FATName.objection(to: Array(store.currentName.utf8)) else { return }
    throw .nameNotAllowed(store.currentName, on: store.path, objection)
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

  /// - Parameter build: writes the archive to the file it is given.
  /// - Throws: `StoreError`, `FileError`, `ArchiveError`. Then the current snapshot is the one it was, unless the error
  ///   came after the new one took its place; the new one is whole in either case.
  func publish(_ build: (FileOutput) throws -> SnapshotBuilder.Built) throws -> Published {
    let isFirst = try top.status(of: Array(store.currentName.utf8), path: BytePath(store.currentPath)) == nil
    let temporary = try createTemporary(
      in: isFirst ? MediaFolder.open(SnapshotStore.stage, in: folder, folderPath) : ownFolder)
    do {
      let written = try write(temporary, build)
      let built = written.built
      try makeDurable(temporary, written)
      meter.reached(.publishing)
      let retired = try retireOwn()
      self.retired = retired
      let isRepetition = wanted == nil && isWorthless(built.record)
      var former = try replaceCurrent(by: temporary)
      let status = try finalStatus(temporary)
      let stays = removeRivals(retired)
      // Made again, since it may not have survived: the old snapshots that are worth keeping are those before.
      if isRepetition, let name = former, remove(old: Array(name.utf8)) { former = nil }
      // With no limit to keep any, the one before goes too.
      let given = Array(retired.values) + (store.retention.keepsNone ? [] : [former].compactMap(\.self))
      let pruned = prune(keeping: given)
      let leftover = removeFormerAnnouncements()
      if let stays { throw StoreError.rivalStays(store.currentPath, stays) }
      return Published(
        built: built, name: store.currentName, former: former,
        retired: retired.values.sorted(), removed: rivals.foreign.map { displayText(of: $0) }, staying: [],
        dropped: madeRoom + pruned.dropped, notes: roomNotes + pruned.notes + leftover,
        status: status, seal: written.seal, confirmation: announced?.confirmation)
    } catch {
      // After the rename there is nothing of that name to remove.
      remove(temporary)
      // Else each try would leave copies, until the medium is full.
      for name in provisional { _ = remove(old: Array(name.utf8)) }
      throw error
    }
  }

  /// Whether the current snapshot, which holds the very same, is not worth keeping as an old one: as an old one is that
  /// somebody has asked for, it is, but not a second time.
  private func isWorthless(_ record: SnapshotRecord) -> Bool {
    guard isSame(Array(store.currentName.utf8), record) else { return false }
    guard keepsRepetition, let newest = try? newestOld() else { return !keepsRepetition }
    return isSame(newest, record)
  }

  /// The newest of this box's old snapshots, relative to the media.
  private func newestOld() throws(FileError) -> [UInt8]? {
    let names = try folder.names(path: BytePath(folderPath))
    let newest = Retention.own(names, host: Array(store.host.utf8)).last?.name
    return newest.map { Array((SnapshotStore.subdirectory + "/").utf8) + $0 }
  }

  private func isSame(_ name: [UInt8], _ record: SnapshotRecord) -> Bool {
    let other = name.elementsEqual(base?.name.utf8 ?? "".utf8) ? base?.record : try? store.record(name, in: top)
    return other?.identity == record.identity
  }

  /// The new one is in place: to try again for want of space would be wrong.
  func finalStatus(_ temporary: NamedFile) throws(StoreError) -> FileStatus {
    do { return try temporary.descriptor.status(path: store.currentPath) } catch {
      throw .unsettled(store.currentPath, error)
    }
  }

  // MARK: Step 1: the new file

  /// An open file and its name in a folder.
  final class NamedFile {
    let descriptor: Descriptor
    let name: String
    let folder: MediaFolder

    init(_ descriptor: consuming Descriptor, _ name: String, in folder: MediaFolder) {
      self.descriptor = descriptor
      self.name = name
      self.folder = folder
    }

    var path: String { folder.path + "/" + name }
  }

  /// - Parameter folder: `LBUD/` where it is nil.
  func createTemporary(in folder: MediaFolder? = nil) throws(FileError) -> NamedFile {
    let folder = folder ?? ownFolder
    for _ in 0..<64 {
      let name = "NEW." + MediaFolder.randomSuffix()
      let raw = openat(folder.raw, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if raw >= 0 { return NamedFile(Descriptor(owning: raw), name, in: folder) }
      guard errno == EEXIST || errno == EINTR else { throw FileError("make a file in", folder.path) }
    }
    throw FileError("make a file in", folder.path, code: EEXIST)
  }

  /// Removes a temporary file while it is open, for the reason that `prune` has.
  func remove(_ temporary: NamedFile) {
    guard unlinkat(temporary.folder.raw, temporary.name, 0) == 0 else { return }
    try? temporary.folder.descriptor.synchronize(path: temporary.folder.path)
    withExtendedLifetime(temporary) { try? flushDevice() }
  }

  // MARK: Steps 4 to 6: the new name, and the old file let go when it is safe

  /// - Returns: the dated name of the old file.
  func replaceCurrent(by temporary: NamedFile) throws -> String? {
    let former = try keepCurrent()
    let (from, to, name) = (temporary.folder.raw, top.raw, temporary.name)
    do {
      try announce(temporary, former: former?.name)
      try retrying("replace", store.currentPath) { renameat(from, name, to, store.currentName) }
    } catch let error as FileError {
      takeBackAnnouncement()
      throw try takesNoName(error) ? StoreError.noRoomForNames(store.path) : error
    }
    provisional = []
    try settle(temporary, replaced: former != nil)
    try removeCurrentsPartners()
    return withExtendedLifetime(former) { former?.name }
  }

  // MARK: Step 5: the new name is safe

  /// An error here is tried again while the old file is still held: giving up would free what may yet be needed.
  /// - Parameter replaced: whether there was a file of that name.
  private func settle(_ temporary: NamedFile, replaced: Bool) throws {
    var attempt = 0
    while true {
      do {
        if !replaced { try settleFirst(temporary) }
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

  /// vfat makes a new name as one of an empty file, and puts size and place in when the file itself is written: the
  /// directory first would show the boot loader an empty snapshot. But before that the temporary name must be gone from
  /// the medium, or both have the same clusters. It is gone when its directory is written, which writes that directory's
  /// own entry too: so that one must not be in the top directory, where the new name is (contrib/crashtest saw it all).
  private func settleFirst(_ temporary: NamedFile) throws(FileError) {
    try temporary.folder.descriptor.synchronize(path: temporary.folder.path)
    try temporary.descriptor.synchronize(path: store.currentPath)
  }

  func flushDevice() throws(FileError) {
    try device?.flush()
  }

  /// FAT12 and FAT16 have a top directory of a fixed size, which can be full while the medium is not.
  private func takesNoName(_ error: FileError) throws(FileError) -> Bool {
    guard error.code == ENOSPC else { return false }
    guard ClusterOwners.isFAT(top) else { return false }
    return try Space.free(top, path: store.path).bytes > 64 * 1024
  }
}
