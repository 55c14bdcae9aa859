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
  private static let fatMagic: Int64 = 0x4d44  // MSDOS_SUPER_MAGIC of linux/magic.h

  /// Removes what can be removed without harm. The caller holds the media's lock, so that no writer is at work, and has
  /// synchronized the current file.
  ///
  /// After a crash on vfat a temporary file and the current one can have the same clusters, and unlinking the one then
  /// destroys the other (facts, section 5): such a file stays where it is, in a place that the boot loader passes over.
  /// - Parameter current: the current file's descriptor, where there is one; it stays the caller's.
  /// - Returns: what was left alone, and why.
  static func resolve(
    in folder: borrowing Descriptor, path: String, current: Int32?
  ) throws(FileError) -> [Problem] {
    var problems = try resolveOne(in: folder, path: path, current: current)
    let raw = openat(folder.raw, SnapshotStore.stage, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { return problems }
    problems += try resolveOne(
      in: Descriptor(owning: raw), path: path + "/" + SnapshotStore.stage, current: current)
    return problems
  }

  private static func resolveOne(
    in folder: borrowing Descriptor, path: String, current: Int32?
  ) throws(FileError) -> [Problem] {
    var problems: [Problem] = []
    // Held until their names are gone from the medium, for the reason that `Publisher.prune` has.
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    for name in try names(in: folder, path) {
      let shown = path + "/" + displayText(of: name)
      if try sharesClusters(name, in: folder, shown, with: current) {
        problems.append(
          Problem(
            .warning, subject: shown,
            "is left from a commit that a power cut has ended, and may share its place on the medium with the current snapshot",
            remedy: "do not remove it; unmount the medium and run: fsck.vfat -a"))
        continue
      }
      if let file = SharedDescriptor.opening(name, in: folder.raw) { held.append(file) }
      if unlinkat(folder.raw, cString(name), 0) != 0, errno != ENOENT { throw FileError("remove", shown) }
    }
    if !held.isEmpty {
      try folder.synchronize(path: path)
      try BlockDevice.under(folder, say: { _ in })?.flush()
    }
    return problems
  }

  static func names(in folder: borrowing Descriptor, _ path: String) throws(FileError) -> [[UInt8]] {
    try folder.names(path: BytePath(path)).filter { $0.starts(with: prefix) }
  }

  private static func sharesClusters(
    _ name: [UInt8], in folder: borrowing Descriptor, _ shown: String, with current: Int32?
  ) throws(FileError) -> Bool {
    guard clbud_file_system_type(folder.raw) == fatMagic else { return false }
    guard let current else { return false }
    let leftover = try folder.openFile(name, path: BytePath(shown))
    let (first, other) = (clbud_first_block(current), clbud_first_block(leftover.raw))
    // Where the kernel does not tell, equal contents are taken for one.
    guard first < 0 || other < 0 else { return first == other && first != 0 }
    return try haveEqualContent(current, leftover, shown)
  }

  private static func haveEqualContent(
    _ first: Int32, _ second: borrowing Descriptor, _ path: String
  ) throws(FileError) -> Bool {
    let (left, right) = (buffer(), buffer())
    defer {
      left.deallocate()
      right.deallocate()
    }
    var offset: UInt64 = 0
    while true {
      let count = try Descriptor.read(first, at: offset, into: left, path: path)
      guard try second.read(at: offset, into: right, path: path) == count,
        left[..<count].elementsEqual(right[..<count])
      else { return false }
      if count == 0 { return true }
      offset += UInt64(count)
    }
  }

  private static func buffer() -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
  }
}

extension SnapshotStore {
  /// Makes good what a crash has left: the current file is synchronized before anything else, since a process killed
  /// between the rename and the last fsync has not done it; then leftovers are resolved.
  /// - Returns: what is worth knowing.
  /// - Throws: `StoreError`.
  package func recover() throws(StoreError) -> [Problem] {
    let top = try open()
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

  /// The current file, open, in a form that can be looked at more than once; nil where there is none.
  func sharedCurrent(in top: borrowing Descriptor) throws(StoreError) -> SharedDescriptor? {
    guard let file = try openCurrent(in: top) else { return nil }
    return SharedDescriptor(file)
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
      guard errno == ENOENT else { throw FileError("open", path + "/" + Self.subdirectory) }
      return []
    }
    defer { withExtendedLifetime(current) {} }
    return try Leftovers.resolve(
      in: Descriptor(owning: raw), path: path + "/" + Self.subdirectory, current: current?.raw)
  }
}
