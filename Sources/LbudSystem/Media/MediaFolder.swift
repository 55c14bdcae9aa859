import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A directory of lbud's own on the media, made where it is not there.
final class MediaFolder {
  let descriptor: Descriptor
  let path: String

  private init(_ descriptor: consuming Descriptor, _ path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  var raw: Int32 { descriptor.raw }

  /// vfat writes the name of a new directory, its first cluster and the table of clusters in any order, and what a power
  /// cut leaves of that is an error that turns the file system read-only, as soon as somebody looks into it. So it is made
  /// under a name that nobody looks for, and gets its own when it is whole. A power cut may leave `DIR.*` behind, which is left
  /// alone for that reason.
  /// - Parameter wantedRoom: how many entries of 32 bytes a new one holds before it has to grow, see `makeRoom`; for FAT. Asked
  ///   only where there is none yet.
  static func open(
    _ name: String, in parent: borrowing Descriptor, _ parentPath: String,
    room wantedRoom: () throws(FileError) -> Int = { 0 }
  ) throws(FileError) -> MediaFolder {
    let path = parentPath + "/" + name
    if let found = try existing(name, in: parent, path) { return MediaFolder(found, path) }
    // That the file system is in use, which mounting it has written: half a directory is then found by the check that the next
    // commit comes to. Unchecked its clusters are free, and the next directory gets them too (contrib/crashtest saw it).
    try BlockDevice.under(parent, say: { _ in })?.flush()
    let raw = parent.raw
    let room = try wantedRoom()
    let reserved = name + ".NEW"
    let isReserved = room > 0 && reserve(reserved, in: parent)
    defer { if isReserved { unlinkat(raw, reserved, 0) } }
    for _ in 0..<64 {
      let temporary = "DIR." + randomSuffix()
      guard mkdirat(raw, temporary, 0o700) == 0 else {
        if errno == EEXIST || errno == EINTR { continue }
        throw FileError("make", path)
      }
      guard let made = try existing(temporary, in: parent, path) else { throw FileError("make", path, code: ENOENT) }
      do throws(FileError) {
        try makeRoom(room, in: made, path)
        try made.synchronize(path: path)
        try parent.synchronize(path: parentPath)
        try BlockDevice.under(parent, say: { _ in })?.flush()
        if isReserved { unlinkat(raw, reserved, 0) }
        try retrying("make", path) { renameat(raw, temporary, raw, name) }
      } catch {
        // Or each try would leave one. It is held meanwhile, for the reason that `Publisher.prune` has.
        unlinkat(raw, temporary, AT_REMOVEDIR)
        try? parent.synchronize(path: parentPath)
        throw error
      }
      try made.synchronize(path: path)
      try parent.synchronize(path: parentPath)
      return MediaFolder(made, path)
    }
    throw FileError("make", path, code: EEXIST)
  }

  /// An entry before that of `DIR.*`, which the directory gets with its name. Where both names are on the medium, since a power
  /// cut came between two sectors, fsck.vfat takes the clusters from the second one, which is the wrong one then. If it
  /// fails for want of space, so does what comes next, and says so.
  /// - Returns: whether the name is taken by an empty file, which an earlier try may have left; any other is somebody's.
  private static func reserve(_ name: String, in parent: borrowing Descriptor) -> Bool {
    let raw = openat(parent.raw, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
    guard raw >= 0 else { return false }
    let status = try? Descriptor(owning: raw).status(path: name)
    return status?.kind == .file && status?.size == 0
  }

  /// A directory of vfat that grows gets another cluster, whose place in the table and in the chain may be in two sectors
  /// of it: a power cut between these leaves a directory that cannot be opened until it is checked (contrib/crashtest saw
  /// it). It never shrinks, and what is removed leaves its entries to others: so it grows before it has its name.
  private static func makeRoom(_ entries: Int, in folder: borrowing Descriptor, _ path: String) throws(FileError) {
    var made: [String] = []
    var failure: FileError?
    do throws(FileError) {
      try fill(folder, entries, path, &made)
      // A file's fsync writes the table and flushes it; the folder's own would write its name before that, and clusters that
      // only a name has are given to others.
      if let last = made.last { try folder.openFile(Array(last.utf8), path: BytePath(path)).synchronize(path: path) }
    } catch { failure = error }
    for name in made where unlinkat(folder.raw, name, 0) != 0 { failure = failure ?? FileError("make room in", path) }
    if let failure { throw failure }
  }

  /// - Parameter made: gets the names of the files that were made for it.
  private static func fill(
    _ folder: borrowing Descriptor, _ entries: Int, _ path: String, _ made: inout [String]
  ) throws(FileError) {
    // "." and ".." are there.
    while 2 + (made.count + 1) * mostEntries <= entries {
      let name = "\(made.count)" + String(repeating: "X", count: 255 - "\(made.count)".count)
      let raw = openat(folder.raw, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      guard raw >= 0 else {
        if errno == EINTR { continue }
        // What there is must do: the medium is almost full.
        if errno == ENOSPC { return }
        throw FileError("make room in", path)
      }
      close(raw)
      made.append(name)
    }
  }

  /// What a name of 255 characters takes of a FAT directory.
  private static let mostEntries = FATName.entries(for: [UInt8](repeating: UInt8(ascii: "X"), count: 255))

  private static func existing(
    _ name: String, in parent: borrowing Descriptor, _ path: String
  ) throws(FileError) -> Descriptor? {
    let raw = parent.raw
    do {
      return Descriptor(
        owning: try retrying("open", path) { openat(raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) })
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  /// Three characters, for names of 8.3 and upper case: vfat needs one directory entry for such a name.
  static func randomSuffix() -> String {
    let text = String(UInt32.random(in: 0..<46_656), radix: 36, uppercase: true)
    return String(repeating: "0", count: 3 - text.count) + text
  }
}
