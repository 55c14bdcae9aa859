import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Changes of single files inside the root, each of which is done or not, whenever the power fails.
extension RootDirectory {
  /// Replaces a file's content, or makes the file, and the directories above it. The mode and the owner stay; symlinks are
  /// followed, inside the root.
  /// - Parameter path: begins with a slash.
  /// - Throws: `FileError`.
  func replace(_ path: [UInt8], with content: [UInt8]) throws(FileError) {
    let path = try finalPath(of: path)
    let shown = displayText(of: path)
    let parent = BytePath(normalizing: path).parent
    try makeDirectories(parent)
    let folder = try open(parent.bytes, O_RDONLY | O_DIRECTORY)
    let name = BytePath(normalizing: path).name
    let former = try folder.status(of: name, path: BytePath(normalizing: path))
    try inPlace(of: name, in: folder, shown) { raw, temporary throws(FileError) in
      let file = Descriptor(
        owning: try retrying("write", shown) {
          openat(raw, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        })
      try content.withUnsafeBytes { bytes in
        Result { () throws(FileError) in try file.writeAll(bytes, path: shown) }
      }.get()
      let target = file.raw
      if let former { try retrying("keep the owner of", shown) { fchown(target, former.uid, former.gid) } }
      try retrying("keep the mode of", shown) { fchmod(target, mode_t(former?.mode ?? 0o644)) }
      try file.synchronize(path: shown)
    }
  }

  /// Puts a symlink in the place of another one, or where nothing is.
  /// - Throws: `FileError`.
  func link(_ path: [UInt8], to target: [UInt8]) throws(FileError) {
    let parent = BytePath(normalizing: path).parent
    try makeDirectories(parent)
    let folder = try open(parent.bytes, O_RDONLY | O_DIRECTORY)
    let shown = displayText(of: path)
    let destination = cString(target)
    try inPlace(of: BytePath(normalizing: path).name, in: folder, shown) { raw, temporary throws(FileError) in
      try retrying("make the link", shown) { symlinkat(destination, raw, temporary) }
    }
  }

  /// Makes a directory and those above it; none where it is there.
  /// - Throws: `FileError`.
  func makeDirectories(_ path: BytePath) throws(FileError) {
    var current = BytePath.root
    for component in path.components {
      let next = current.appending(component)
      if (try? open(next.bytes, O_RDONLY | O_DIRECTORY)) == nil {
        let parent = try open(current.bytes, O_RDONLY | O_DIRECTORY)
        let (raw, name) = (parent.raw, cString(component))
        try retrying("make the directory", "/" + next.display) { mkdirat(raw, name, 0o755) }
        try parent.synchronize(path: "/" + current.display)
      }
      current = next
    }
  }

  /// The path with what its last symlinks lead to; the kernel follows those before.
  /// - Throws: `FileError`.
  private func finalPath(of path: [UInt8]) throws(FileError) -> [UInt8] {
    var current = path
    // As many as the kernel follows, path_resolution(7).
    for _ in 0..<40 {
      let normal = BytePath(normalizing: current)
      guard let folder = try? open(normal.parent.bytes, O_RDONLY | O_DIRECTORY),
        try folder.status(of: normal.name, path: normal)?.kind == .symlink
      else { return current }
      let target = try folder.target(of: normal.name, path: normal)
      let isAbsolute = target.first == BytePath.separator
      current = isAbsolute ? target : [BytePath.separator] + normal.parent.bytes + [BytePath.separator] + target
    }
    throw FileError("open", displayText(of: path), code: ELOOP)
  }

  /// Has something made under a temporary name, and gives it the right one.
  private func inPlace(
    of name: [UInt8], in folder: borrowing Descriptor, _ shown: String,
    _ make: (Int32, [CChar]) throws(FileError) -> Void
  ) throws(FileError) {
    let raw = folder.raw
    // Dotted, so that nobody who reads all files of a directory takes it.
    let temporary = cString(Array(".lbud-\(getpid()).new".utf8))
    unlinkat(raw, temporary, 0)
    do throws(FileError) {
      try make(raw, temporary)
      let final = cString(name)
      try retrying("replace", shown) { renameat(raw, temporary, raw, final) }
    } catch {
      unlinkat(raw, temporary, 0)
      throw error
    }
    try folder.synchronize(path: shown)
  }
}
