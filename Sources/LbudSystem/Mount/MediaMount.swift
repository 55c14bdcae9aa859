import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The media as the mount table has it: found in fstab, mounted, made writable for the time of a commit, and put back as
/// it was.
final class MediaMount: Sendable {
  enum Standing {
    /// A directory of a file system that is none of lbud's business.
    case directory
    case mounted(Mount)
    /// Nothing is mounted there, and fstab says what can be.
    case unmounted(FileSystemTable.Entry)
  }

  enum Access {
    case reading, writing
  }

  let root: RootDirectory
  /// As a person names it: `/media/usb`.
  let path: String
  private let isMountPoint: Bool
  private let watch = MountWatch()
  private let run: RunFolder

  /// - Parameter isMountPoint: false for `LBU_BACKUPDIR`, for which lbu mounts nothing either.
  init(root: RootDirectory, path: String, isMountPoint: Bool) {
    self.root = root
    self.path = path
    self.isMountPoint = isMountPoint
    run = RunFolder(root: root)
  }

  // MARK: What there is

  /// - Throws: `StoreError` where snapshots cannot go there.
  func standing() throws(StoreError) -> Standing {
    let directory = try open()
    guard isMountPoint, let table = watch.table(), let point = truePath(of: directory) else { return .directory }
    let mount = table.mount(at: point).flatMap { isSeen($0, directory) ? $0 : nil }
    if let mount, !MediaDevice.isGone(mount) { return .mounted(mount) }
    if let entry = fileSystems().entry(for: Array(path.utf8)) {
      // What cannot be told by a glance at the node is found out when it is to be mounted.
      if case .path(let device) = entry.specification, access(cString(device), F_OK) != 0 {
        throw mount == nil ? .noDevice(path, displayText(of: entry.spec)) : .pulled(path)
      }
      return .unmounted(entry)
    }
    if mount != nil { throw .pulled(path) }
    guard !isInMemory(directory) else { throw .onMemory(path) }
    return .directory
  }

  /// Whether the path leads to it: a mount over a parent directory hides it. Without a device of its own (btrfs, NFS) the
  /// numbers need not agree.
  private func isSeen(_ mount: Mount, _ directory: borrowing Descriptor) -> Bool {
    var status = stat()
    guard mount.deviceMajor != 0, fstat(directory.raw, &status) == 0 else { return true }
    return clbud_major(status.st_dev) == mount.deviceMajor && clbud_minor(status.st_dev) == mount.deviceMinor
  }

  /// - Throws: `StoreError`.
  func open() throws(StoreError) -> Descriptor {
    do {
      return try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    } catch {
      switch error.code {
      case ENOENT, ENOTDIR: throw .missing(path, error)
      default: throw .from(error, media: path)
      }
    }
  }

  /// The path as the mount table has it, outside of the root that lbud was given and without symlinks.
  private func truePath(of directory: borrowing Descriptor) -> [UInt8]? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let size = buffer.count
    let count = readlink("/proc/self/fd/\(directory.raw)", &buffer, size)
    return count > 0 ? buffer[..<count].map { UInt8(bitPattern: $0) } : nil
  }

  private func fileSystems() -> FileSystemTable {
    FileSystemTable(parsing: (try? root.read(BytePath("etc/fstab"), limit: 1 << 20)) ?? [])
  }

  /// A mount point with nothing mounted is a directory of the root in RAM; with `overlaytmpfs` on the kernel's command
  /// line that root is an overlay.
  private func isInMemory(_ directory: borrowing Descriptor) -> Bool {
    // TMPFS_MAGIC, RAMFS_MAGIC, OVERLAYFS_SUPER_MAGIC of linux/magic.h
    let memory: Set<Int64> = root.isSystemRoot ? [0x0102_1994, 0x8584_58f6, 0x794c_7630] : [0x0102_1994, 0x8584_58f6]
    guard memory.contains(clbud_file_system_type(directory.raw)) else { return false }
    var (here, top) = (stat(), stat())
    guard fstat(directory.raw, &here) == 0, fstat(root.descriptor.raw, &top) == 0 else { return false }
    return here.st_dev == top.st_dev
  }

  /// Why somebody should look after the file system, which nobody has unmounted; nil where there is no reason, or none
  /// that can be seen: one that is mounted read-write always says so of itself.
  func uncleanliness() -> Problem? {
    guard case .mounted(let mount)? = try? standing(), mount.isSuperblockReadOnly,
      let header = MediaDevice.header(of: mount.source), header.needsCheck
    else { return nil }
    let device = displayText(of: mount.source)
    return Problem(
      .warning, subject: path, "was not unmounted cleanly, and cannot be checked while it is mounted",
      remedy: "umount \(path) && \(header.checker) -p \(device); mount \(path)")
  }

  // MARK: Access

  /// Runs `body` while the media is mounted, and writable if that is asked for; then puts it back.
  /// - Parameters:
  ///   - note: takes what a person should know.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`, and what `body` throws.
  func withAccess<Result>(
    _ access: Access, note: (Problem) -> Void, say: (String) -> Void, _ body: () throws -> Result
  ) throws -> Result {
    // What a crash left is first put back, or what is found now would be taken for how it was.
    if let problem = putBack(say) { note(problem) }
    switch try standing() {
    case .directory: return try body()
    case .mounted(let mount):
      if access == .reading || !mount.isReadOnly { return try body() }
      if let problem = uncleanliness() { note(problem) }
      try write(
        MountChange(
          undo: .setReadOnly(mount: mount.isMountReadOnly, superblock: mount.isSuperblockReadOnly), point: mount.point,
          deviceMajor: mount.deviceMajor, deviceMinor: mount.deviceMinor), say)
      do { try mount.setReadOnly(mount: false, superblock: false) } catch {
        _ = putBack(say)
        throw StoreError.notWritable(FileError(error.verb, path, code: error.code))
      }
    case .unmounted(let entry): try self.mount(entry, access, note, say)
    }
    defer {
      if access == .writing { writeAll(say) }
      if let problem = putBack(say) { note(problem) }
    }
    return try body()
  }

  /// The file system is marked clean when it is unmounted or made read-only, and nothing tells the device to write what
  /// went before that first: a power cut then leaves one that needs a check and does not say so (contrib/crashtest saw
  /// it, with ext4 without a journal).
  private func writeAll(_ say: (String) -> Void) {
    do {
      let directory = try open()
      let raw = directory.raw
      try retrying("sync", path) { clbud_sync_file_system(raw) }
      try BlockDevice.under(directory, say: { _ in })?.flush()
    } catch {
      // The commit itself has told what it could not make durable.
      say("\(error)")
    }
  }

  private func mount(
    _ entry: FileSystemTable.Entry, _ access: Access, _ note: (Problem) -> Void, _ say: (String) -> Void
  ) throws {
    let device = try MediaDevice.find(entry, media: path)
    let isWritable = isWritableElsewhere(device)
    if access == .writing, isWritable == false { throw StoreError.busyElsewhere(path, device, in: watch.table()) }
    if access == .writing, isWritable == nil {
      if let problem = try device.checkIfNeeded(media: path, say: say) { note(problem) }
    }
    guard let point = truePath(of: try open()) else { throw StoreError.notMounted(path, "there is no /proc") }
    guard let program = Program.find("mount") else { throw StoreError.notMounted(path, "there is no mount(8)") }
    try write(
      MountChange(
        undo: .unmount, point: point, deviceMajor: device.number?.major ?? 0, deviceMinor: device.number?.minor ?? 0),
      say)
    // The kernel mounts a file system twice only if both are read-only, or neither.
    let options = ([access == .writing || isWritable == true ? "rw" : "ro"] + entry.mountOptions).joined(separator: ",")
    let type = entry.type == "auto" ? [] : [Array("-t".utf8), Array(entry.type.utf8)]
    say("mounting \(displayText(of: device.name)) at \(path): \(options)")
    do {
      let ended = try Program.run(
        program, type + [Array("-o".utf8), Array(options.utf8), device.name, point], within: 120)
      guard ended.code == 0 else { throw StoreError.notMounted(path, ended.lastWords) }
    } catch {
      _ = putBack(say)
      throw error as? StoreError ?? .notMounted(path, "\(error)")
    }
    // With the number of what is mounted now, which a loop device has only since.
    if device.number == nil, let mount = watch.table()?.mount(at: point) {
      try write(
        MountChange(
          undo: .unmount, point: point, deviceMajor: mount.deviceMajor, deviceMinor: mount.deviceMinor), say)
    }
    if access == .writing, case .mounted(let mount) = try standing(), mount.isReadOnly {
      _ = putBack(say)
      throw StoreError.notWritable(FileError("make writable", path, code: EROFS))
    }
  }

  /// Whether the device is mounted at another place too, and its file system writable; nil where it is not.
  private func isWritableElsewhere(_ device: MediaDevice) -> Bool? {
    device.mounts(in: watch.table()).first.map { !$0.isSuperblockReadOnly }
  }

  private func write(_ change: MountChange, _ say: (String) -> Void) throws {
    do { try run.write(change.encoded, to: MountChange.file) } catch {
      // A commit is worth more than the way it leaves a mount after a crash.
      say("\(error): after a crash the media would stay as it is during a commit")
    }
  }

  // MARK: Putting back

  /// Undoes what was done to the mount, also by an lbud that was killed meanwhile.
  /// - Returns: why it could not be; nil where there was nothing to undo, or it is done.
  private func putBack(_ say: (String) -> Void) -> Problem? {
    let change: MountChange
    do throws(FileError) {
      guard let read = MountChange(try run.read(MountChange.file)) else { return nil }
      change = read
    } catch {
      return Problem(
        .warning, subject: path, "may be left mounted or writable after a crash: \(error)", remedy: "see: mount")
    }
    say("putting \(path) back: \(displayText(of: change.encoded))")
    guard let table = watch.table(), let mount = change.target(in: table) else {
      run.remove(MountChange.file)
      return nil
    }
    do throws(FileError) {
      try Self.undo(change, of: mount)
    } catch {
      // What lay beneath may be gone; then there is nothing left to put back.
      guard error.code != EINVAL else {
        run.remove(MountChange.file)
        return nil
      }
      let isMounted = change.undo == .unmount
      return Problem(
        .warning, subject: path,
        isMounted
          ? "is left mounted: cannot unmount it: \(error.reason)"
          : "is left writable: cannot make it read-only: \(error.reason)",
        remedy: "lbud tries again every 30 s; or when nobody is at work there any more: "
          + (isMounted ? "umount \(path)" : "mount -o remount,ro \(path)"))
    }
    run.remove(MountChange.file)
    return nil
  }

  /// Somebody may look into it just now, if only for a moment: so busy is tried again for a second.
  private static func undo(_ change: MountChange, of mount: Mount) throws(FileError) {
    var tries = 0
    while true {
      do throws(FileError) {
        switch change.undo {
        case .unmount: return try mount.unmount()
        case .setReadOnly(let flag, let superblock): return try mount.setReadOnly(mount: flag, superblock: superblock)
        }
      } catch {
        tries += 1
        guard error.code == EBUSY, tries < 20 else { throw error }
        usleep(50_000)
      }
    }
  }

  /// Whether something is still to be put back.
  var isLeftChanged: Bool { (try? run.read(MountChange.file)).flatMap { MountChange($0) } != nil }
}
