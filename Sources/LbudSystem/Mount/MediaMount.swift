import CLbud
import LbudCore
import Synchronization

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
  let watch = MountWatch()
  let run: RunFolder
  /// What is to be undone; the file is for an lbud that is started after a crash.
  let pending = Mutex<MountChange?>(nil)

  /// - Parameters:
  ///   - isMountPoint: false for `LBU_BACKUPDIR`, for which lbu mounts nothing either.
  ///   - run: where it is noted what is to be undone.
  init(root: RootDirectory, path: String, isMountPoint: Bool, run: RunFolder? = nil) {
    self.root = root
    self.path = path
    self.isMountPoint = isMountPoint
    self.run = run ?? RunFolder(root: root)
  }

  // MARK: What there is

  /// - Throws: `StoreError` where snapshots cannot go there.
  func standing() throws(StoreError) -> Standing {
    let directory = try open()
    guard isMountPoint, let table = watch.table(), let point = directory.truePath else { return .directory }
    let mount = table.mount(at: point).flatMap { isSeen($0, directory) ? $0 : nil }
    if let mount, ["tmpfs", "ramfs"].contains(mount.type) { throw .onMemory(path) }
    if let mount, !MediaDevice.isGone(mount) { return .mounted(mount) }
    if let entry = fileSystems().entry(for: Array(path.utf8)) {
      // What cannot be told by a glance at the node is found out when it is to be mounted.
      if case .path(let device) = entry.specification, access(cString(device), F_OK) != 0 {
        throw mount == nil ? .noDevice(path, displayText(of: entry.spec)) : .pulled(path)
      }
      return .unmounted(entry)
    }
    if mount != nil { throw .pulled(path) }
    guard !root.isInMemory(directory) else { throw .onMemory(path) }
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
      case ENOENT where path == ServerMirror.path: throw .notFetched()
      case ENOENT, ENOTDIR: throw .missing(path, error)
      default: throw .from(error, media: path)
      }
    }
  }

  private func fileSystems() -> FileSystemTable {
    FileSystemTable(parsing: (try? root.read(BytePath("etc/fstab"), limit: 1 << 20)) ?? [])
  }

  /// What is to be known of a file system that nobody has unmounted; nil where somebody has, or where it cannot be seen: one
  /// that is mounted read-write always says so of itself.
  func uncleanliness() -> Problem? {
    guard let (mount, header) = uncleanMount() else { return nil }
    return Problem(
      .warning, subject: path, "was not unmounted cleanly",
      remedy: Program.find(header.checker) == nil
        ? "apk add \(header.checkerPackage), and the next commit has it checked"
        : "the next commit has it checked: \(header.checker) -p \(displayText(of: mount.source))")
  }

  /// The same where a commit cannot have it checked.
  private func uncheckable() -> Problem? {
    guard let (mount, header) = uncleanMount() else { return nil }
    return Problem(
      .warning, subject: path, "was not unmounted cleanly, and cannot be checked while it is mounted",
      remedy: "umount \(path) && \(header.checker) -p \(displayText(of: mount.source)); mount \(path)")
  }

  private func uncleanMount() -> (Mount, FileSystemHeader)? {
    guard case .mounted(let mount)? = try? standing(), mount.isSuperblockReadOnly,
      let header = MediaDevice.header(of: mount.source), header.needsCheck
    else { return nil }
    return (mount, header)
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
    let stillPending = putBack(say)
    if let stillPending { note(stillPending) }
    try mountAgain(say)
    switch try standing() {
    case .directory: return try body()
    case .mounted(let found):
      if access == .reading || !found.isReadOnly { return try body() }
      var mount = found
      if let problem = uncheckable() {
        if let checked = try checkUnmounted(found, note: note, say: say) { mount = checked } else { note(problem) }
      }
      // With something still to be undone, that is how it was.
      if stillPending == nil {
        remember(
          MountChange(
            undo: .setReadOnly(mount: mount.isMountReadOnly, superblock: mount.isSuperblockReadOnly),
            point: mount.point, deviceMajor: mount.deviceMajor, deviceMinor: mount.deviceMinor), note)
      }
      do { try mount.setReadOnly(mount: false, superblock: false) } catch {
        _ = putBack(say)
        throw StoreError.notWritable(FileError(error.verb, path, code: error.code))
      }
    case .unmounted(let entry):
      do { try self.mount(entry, access, note, say) } catch {
        // Whatever of it was done.
        _ = putBack(say)
        throw error
      }
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

  /// For the log: a share's password may be among them.
  private static func shown(_ options: String) -> String {
    options.split(separator: ",").map { $0.hasPrefix("pass") ? "pass..." : String($0) }.joined(separator: ",")
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
    guard let point = try open().truePath else { throw StoreError.notMounted(path, "there is no /proc") }
    guard let program = Program.find("mount") else { throw StoreError.notMounted(path, "there is no mount(8)") }
    remember(
      MountChange(
        undo: .unmount, point: point, deviceMajor: device.number?.major ?? 0, deviceMinor: device.number?.minor ?? 0),
      note)
    let options = ([access == .writing || isWritable == true ? "rw" : "ro"] + entry.mountOptions).joined(separator: ",")
    let type = entry.type == "auto" ? [] : [Array("-t".utf8), Array(entry.type.utf8)]
    say("mounting \(displayText(of: device.name)) at \(path): \(Self.shown(options))")
    let ended: Program.Ended
    do {
      ended = try Program.run(
        program, type + [Array("-o".utf8), Array(options.utf8), device.name, point], within: 120)
    } catch {
      throw StoreError.notMounted(path, "\(error)")
    }
    guard ended.code == 0 else { throw StoreError.notMounted(path, ended.lastWords) }
    // With the number of what is mounted now, which a loop device has only since.
    if device.number == nil, let mount = watch.table()?.mount(at: point) {
      remember(
        MountChange(
          undo: .unmount, point: point, deviceMajor: mount.deviceMajor, deviceMinor: mount.deviceMinor), note)
    }
    if access == .writing, case .mounted(let mount) = try standing(), mount.isReadOnly {
      throw StoreError.notWritable(FileError("make writable", path, code: EROFS))
    }
  }

  /// Whether the device is mounted at another place too, and its file system writable; nil where it is not.
  private func isWritableElsewhere(_ device: MediaDevice) -> Bool? {
    device.mounts(in: watch.table()).first.map { !$0.isSuperblockReadOnly }
  }
}
