import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Temporary files of commits that a crash or a power cut has ended.
enum Leftovers {
  static let prefix = Array("NEW.".utf8)

  /// Removes what can be removed without harm. The caller holds the media's lock, so that no writer is at work, and has
  /// synchronized the current file.
  /// - Parameter owners: names with the same clusters are left alone: the current file's partners are dealt with by the
  ///   next publish, the others by nobody but fsck.
  /// - Returns: what was left alone, and why.
  static func resolve(
    in folder: borrowing Descriptor, path: String, owners: ClusterOwners, current: String
  ) throws(FileError) -> [Problem] {
    var problems = try resolveOne(in: folder, path, SnapshotStore.subdirectory + "/", owners, current)
    let raw = openat(folder.raw, SnapshotStore.stage, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { return problems }
    problems += try resolveOne(
      in: Descriptor(owning: raw), path + "/" + SnapshotStore.stage,
      SnapshotStore.subdirectory + "/" + SnapshotStore.stage + "/", owners, current)
    return problems
  }

  private static func resolveOne(
    in folder: borrowing Descriptor, _ path: String, _ relative: String, _ owners: ClusterOwners, _ current: String
  ) throws(FileError) -> [Problem] {
    var problems: [Problem] = []
    // Held until their names are gone from the medium, for the reason that `Publisher.prune` has.
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    for name in try names(in: folder, path) {
      let shown = path + "/" + displayText(of: name)
      let partners = owners.partners(of: relative + displayText(of: name))
      guard partners.isEmpty else {
        problems.append(problem(shown, partners, current))
        continue
      }
      if let file = SharedDescriptor.opening(name, in: folder.raw) { held.append(file) }
      guard unlinkat(folder.raw, cString(name), 0) != 0, errno != ENOENT else { continue }
      guard errno == EISDIR || errno == EPERM else { throw FileError("remove", shown) }
      problems.append(
        Problem(
          .warning, subject: shown, "is no temporary file of lbud, and cannot be removed: \(errorText(errno))",
          remedy: "remove it by hand"))
    }
    if !held.isEmpty {
      try folder.synchronize(path: path)
      try BlockDevice.under(folder, say: { _ in })?.flush()
    }
    return problems
  }

  private static func problem(_ shown: String, _ partners: [String], _ current: String) -> Problem {
    let isCurrents = partners.contains(current)
    return Problem(
      .warning, subject: shown,
      "is left from a commit that a power cut has ended, and has its place on the medium in common with "
        + partners.joined(separator: ", "),
      remedy: isCurrents
        ? "do not remove it: the next commit does, when the current snapshot has another place"
        : "do not remove it; unmount the medium and check it: fsck")
  }

  static func names(in folder: borrowing Descriptor, _ path: String) throws(FileError) -> [[UInt8]] {
    try folder.names(path: BytePath(path)).filter { $0.starts(with: prefix) }
  }
}

extension SnapshotStore {
  /// Makes good what a crash has left: the current file is synchronized before anything else, since a process killed
  /// between the rename and the last fsync has not done it; then leftovers are resolved.
  /// - Returns: what is worth knowing.
  /// - Throws: `StoreError`.
  func recover() throws(StoreError) -> [Problem] {
    let top = try mount.open()
    // Somebody is writing: there is nothing left over yet.
    guard isIdle(top) else { return [] }
    do {
      return try recover(top)
    } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      // A medium mounted read-only is put in order by the next commit.
      if error.code == EROFS { return [] }
      throw .from(error, media: path)
    } catch {
      throw StoreError("\(path) cannot be put in order: \(error)", hint: "see the log of lbud")
    }
  }

  /// Takes the lock, if nobody has it; a child that is being started holds it for a moment, see `Publisher.lock`. NFS knows
  /// no lock on a directory.
  private func isIdle(_ top: borrowing Descriptor) -> Bool {
    for _ in 0..<10 {
      if flock(top.raw, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR) { return true }
      usleep(10_000)
    }
    return false
  }

  private func recover(_ top: borrowing Descriptor) throws -> [Problem] {
    let current = try sharedCurrent(in: top)
    if let raw = current?.raw {
      try retrying("fsync", currentPath) { fsync(raw) }
      try BlockDevice.under(top, say: { _ in })?.flush()
    }
    let raw = openat(top.raw, Self.subdirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else {
      guard errno == ENOENT else { throw FileError("open", folderPath) }
      return []
    }
    let folder = Descriptor(owning: raw)
    return try Leftovers.resolve(
      in: folder, path: folderPath, owners: clusterOwners(top, folder), current: currentName)
  }

  /// - Throws: `FileError`.
  func clusterOwners(_ top: borrowing Descriptor, _ folder: borrowing Descriptor) throws(FileError) -> ClusterOwners {
    var owners = ClusterOwners()
    try owners.add(top, prefix: "", path: path)
    try owners.add(folder, prefix: Self.subdirectory + "/", path: folderPath)
    let raw = openat(folder.raw, Self.stage, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { return owners }
    try owners.add(
      Descriptor(owning: raw), prefix: "\(Self.subdirectory)/\(Self.stage)/", path: folderPath + "/" + Self.stage)
    return owners
  }
}
