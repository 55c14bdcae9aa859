import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `etc/apk/protected_paths.d/lbu.list` on the disk. Two who edit it at once lose nothing: a lock on its folder keeps them
/// apart, and whoever reads meanwhile finds the old list or the new one.
package struct LbuListFile: Sendable {
  package static let path = LbuList.path

  private let root: RootDirectory

  private static let sizeLimit = 16 << 20
  /// apk reads every `*.list` of the folder whose name does not begin with a dot. Always the same name: the lock is held
  /// while it is there, so that one which is found was left by a crash.
  private static let temporary = ".lbu.list.new"

  package init(root: RootDirectory) { self.root = root }

  /// - Returns: nil where there is no such file.
  /// - Throws: `FileError`.
  package func read() throws(FileError) -> LbuList? {
    do throws(FileError) {
      return LbuList(try root.read(Self.path, limit: Self.sizeLimit))
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  /// Reads the list, lets it be changed, and writes it, with nobody else writing in between. What is not changed is not
  /// written.
  /// - Parameter body: is given `.missing` where there is no file. Where the folder must be made first it is run a second
  ///   time, and the first does not count.
  /// - Returns: what `body` does.
  /// - Throws: `FileError`, and what `body` throws; the file is the old one then.
  package func edit<Result>(_ body: (inout LbuList) throws -> Result) throws -> Result {
    if try !isFolderThere() {
      var list = LbuList.missing
      let result = try body(&list)
      if list == .missing { return result }
      try makeFolder()
    }
    let folder = try lockedFolder()
    let before = try read() ?? .missing
    var list = before
    let result = try body(&list)
    if list != before { try put(list) }
    withExtendedLifetime(folder) {}
    return result
  }

  /// Replaces the file, or makes it, and its folder. It keeps its mode and its owner; a new one is 0644.
  /// - Throws: `FileError`; the file is the old one then.
  package func write(_ list: LbuList) throws(FileError) {
    try makeFolder()
    let folder = try lockedFolder()
    try put(list)
    withExtendedLifetime(folder) {}
  }

  // MARK: The folder

  private func isFolderThere() throws(FileError) -> Bool {
    do throws(FileError) {
      _ = try root.open(ProtectedPaths.directory.bytes, O_RDONLY | O_DIRECTORY)
      return true
    } catch {
      guard error.code == ENOENT else { throw error }
      return false
    }
  }

  private func makeFolder() throws(FileError) {
    var path = BytePath.root
    for component in ProtectedPaths.directory.components {
      let parent = try root.open(path.bytes, O_RDONLY | O_DIRECTORY)
      path = path.appending(component)
      guard mkdirat(parent.raw, cString(component), 0o755) == 0 else {
        // A symlink to a directory is as good.
        if errno == EEXIST { continue }
        throw FileError("make", path)
      }
      try parent.synchronize(path: "/" + path.parent.display)
    }
  }

  /// A lock on the directory leaves no file in it. It is waited for 10 s: nobody needs it for long.
  private func lockedFolder() throws(FileError) -> SharedDescriptor {
    let folder = SharedDescriptor(try root.open(ProtectedPaths.directory.bytes, O_RDONLY | O_DIRECTORY))
    for _ in 0..<500 {
      if flock(folder.raw, LOCK_EX | LOCK_NB) == 0 { return folder }
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: usleep(20_000)
      // NFS knows no lock on a directory.
      case EBADF, ENOLCK, EOPNOTSUPP: return folder
      default: throw FileError("lock", ProtectedPaths.directory)
      }
    }
    throw FileError("lock", ProtectedPaths.directory, code: EWOULDBLOCK)
  }

  // MARK: The file

  private func put(_ list: LbuList) throws(FileError) {
    let path = try target()
    let shown = "/" + path.display
    let folder = try root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY)
    let name = cString(path.name)
    let old = try folder.status(of: path.name, path: path)
    if let old, old.kind != .file { throw FileError("replace", path, code: old.kind == .directory ? EISDIR : EINVAL) }
    let raw = folder.raw
    do throws(FileError) {
      try fill(list.bytes, like: old, in: folder, shown)
      try retrying("replace", shown) { renameat(raw, Self.temporary, raw, name) }
    } catch {
      unlinkat(raw, Self.temporary, 0)
      throw error
    }
    try folder.synchronize(path: "/" + path.parent.display)
  }

  private func fill(
    _ bytes: [UInt8], like old: FileStatus?, in folder: borrowing Descriptor, _ shown: String
  ) throws(FileError) {
    let parent = folder.raw
    unlinkat(parent, Self.temporary, 0)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(owning: try retrying("write", shown) { openat(parent, Self.temporary, flags, 0o600) })
    let raw = file.raw
    try Self.write(bytes, to: raw, shown)
    let (uid, gid) = (old?.uid ?? geteuid(), old?.gid ?? getegid())
    let made = try file.status(path: shown)
    // Only its owner and root may do that: not asked for where it is right.
    if made.uid != uid || made.gid != gid { try retrying("give away", shown) { fchown(raw, uid, gid) } }
    try retrying("change the mode of", shown) { fchmod(raw, mode_t(old?.mode ?? 0o644)) }
    try file.synchronize(path: shown)
    try file.closeChecked(path: shown)
  }

  private static func write(_ bytes: [UInt8], to raw: Int32, _ shown: String) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let start = done
      let count = try retrying("write", shown) {
        bytes.withUnsafeBytes { systemWrite(raw, UnsafeRawBufferPointer(rebasing: $0[start...])) }
      }
      guard count > 0 else { throw FileError("write", shown, code: EIO) }
      done += count
    }
  }

  /// Where the file is: somebody may have put a symlink in its place, and means what that leads to, inside the root.
  private func target() throws(FileError) -> BytePath {
    var path = Self.path
    // As many as the kernel follows, path_resolution(7).
    for _ in 0..<40 {
      let folder = try root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY)
      guard try folder.status(of: path.name, path: path)?.kind == .symlink else { return path }
      let link = try folder.target(of: path.name, path: path)
      let isAbsolute = link.first == UInt8(ascii: "/")
      path = BytePath(normalizing: (isAbsolute ? [] : path.parent.bytes + [BytePath.separator]) + link)
      guard ![[], Array(".".utf8), Array("..".utf8)].contains(path.name) else {
        throw FileError("replace", Self.path, code: EISDIR)
      }
    }
    throw FileError("open", Self.path, code: ELOOP)
  }
}
