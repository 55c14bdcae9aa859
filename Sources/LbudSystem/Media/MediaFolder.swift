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
  /// under a name that nobody looks for, and gets its own when it is whole; that is one write, of its directory entry. A
  /// power cut may leave `DIR.*` behind, which is left alone for that reason.
  /// - Parameter room: how many entries of 32 bytes a new one holds before it has to grow, see `makeRoom`; for FAT.
  static func open(
    _ name: String, in parent: borrowing Descriptor, _ parentPath: String, room: Int = 0
  ) throws(FileError) -> MediaFolder {
    let path = parentPath + "/" + name
    if let found = try existing(name, in: parent, path) { return MediaFolder(found, path) }
    for _ in 0..<64 {
      let temporary = "DIR." + randomSuffix()
      let raw = parent.raw
      guard mkdirat(raw, temporary, 0o700) == 0 else {
        if errno == EEXIST || errno == EINTR { continue }
        throw FileError("make", path)
      }
      guard let made = try existing(temporary, in: parent, path) else { throw FileError("make", path, code: ENOENT) }
      try makeRoom(room, in: made, path)
      try made.synchronize(path: path)
      try parent.synchronize(path: parentPath)
      try BlockDevice.under(parent, say: { _ in })?.flush()
      try retrying("make", path) { renameat(raw, temporary, raw, name) }
      try made.synchronize(path: path)
      try parent.synchronize(path: parentPath)
      return MediaFolder(made, path)
    }
    throw FileError("make", path, code: EEXIST)
  }

  /// A directory of vfat that grows gets another cluster, whose place in the table and in the chain may be in two sectors
  /// of it: a power cut between these leaves a directory that cannot be opened until it is checked (contrib/crashtest saw
  /// it). It never shrinks, and what is removed leaves its entries to others: so it grows before it has its name.
  private static func makeRoom(_ entries: Int, in folder: borrowing Descriptor, _ path: String) throws(FileError) {
    let raw = folder.raw
    var made: [String] = []
    var failure: FileError?
    while failure == nil, made.count * mostEntries < entries {
      let name = "\(made.count)" + String(repeating: "X", count: 255 - "\(made.count)".count)
      let file = openat(raw, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if file >= 0 {
        close(file)
        made.append(name)
      } else if errno == ENOSPC {
        // What there is must do: the medium is almost full.
        break
      } else if errno != EINTR {
        failure = FileError("make room in", path)
      }
    }
    for name in made { try retrying("make room in", path) { unlinkat(raw, name, 0) } }
    if let failure { throw failure }
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
