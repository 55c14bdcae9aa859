import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// `run/lbud` in the root: what lbud must still know when it is started again, and no longer after a reboot.
package struct RunFolder: Sendable {
  let root: RootDirectory
  private let path: String

  /// - Parameter path: another directory, for who must not take the daemon's files for its own.
  package init(root: RootDirectory, path: String = "run/lbud") {
    self.root = root
    self.path = path
  }

  /// Replaces a file's content; a crash leaves the old one or the new one.
  /// - Throws: `FileError`.
  package func write(_ bytes: [UInt8], to name: String) throws(FileError) {
    try put(bytes, name + ".new", O_WRONLY | O_CREAT | O_TRUNC)
    let raw = try open()
    let folder = raw.raw
    try retrying("replace", "/\(path)/\(name)") { renameat(folder, name + ".new", folder, name) }
  }

  /// - Throws: `FileError`.
  func append(_ bytes: [UInt8], to name: String) throws(FileError) {
    try put(bytes, name, O_WRONLY | O_CREAT | O_APPEND)
  }

  /// - Returns: nothing where there is no such file.
  /// - Throws: `FileError`.
  package func read(_ name: String) throws(FileError) -> [UInt8] {
    do {
      return try root.read(BytePath("\(path)/\(name)"), limit: 1 << 20)
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return []
    }
  }

  /// Removes a file whose staying would matter.
  /// - Throws: `FileError`; none where it is not there.
  package func removeSurely(_ name: String) throws(FileError) {
    do {
      let folder = try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
      let raw = folder.raw
      try retrying("remove", "/\(path)/\(name)") { unlinkat(raw, name, 0) }
    } catch let error where error.code == ENOENT {
      return
    }
  }

  /// Removes a file whose staying would do no harm.
  package func remove(_ name: String) { try? removeSurely(name) }

  /// Opens a file of it; the folder is made where it is not there.
  /// - Throws: `FileError`.
  func openFile(_ name: String, _ flags: Int32) throws(FileError) -> Descriptor {
    let folder = try open()
    let raw = folder.raw
    return Descriptor(
      owning: try retrying("open", "/\(path)/\(name)") {
        openat(raw, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
      })
  }

  private func put(_ bytes: [UInt8], _ name: String, _ flags: Int32) throws(FileError) {
    let path = "/\(self.path)/\(name)"
    let file = try openFile(name, flags)
    let target = file.raw
    let count = try retrying("write", path) { bytes.withUnsafeBytes { systemWrite(target, $0) } }
    guard count == bytes.count else { throw FileError("write", path, code: ENOSPC) }
  }

  private func open() throws(FileError) -> Descriptor {
    do {
      return try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    } catch let error where error.code == ENOENT {
      return try make()
    }
  }

  private func make() throws(FileError) -> Descriptor {
    var made: [Substring] = []
    for name in path.split(separator: "/") {
      let parent = try root.open(Array(("/" + made.joined(separator: "/")).utf8), O_RDONLY | O_DIRECTORY)
      // Whatever the umask is: the socket is in here, and its own mode says whose it is.
      if mkdirat(parent.raw, String(name), 0o755) == 0 { fchmodat(parent.raw, String(name), 0o755, 0) }
      made.append(name)
    }
    return try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
  }
}
