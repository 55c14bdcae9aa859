import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Which names on the media have one file in common that does not know of it, as a power cut in the middle of a rename
/// leaves them: on FAT two names with the same clusters, on ext4 without a journal two names of a file that counts one.
///
/// Unlinking one of two such names frees what the other is made of, and the next file written gets it: so neither is
/// ever just removed (facts, section 5).
struct ClusterOwners {
  private static let fatMagic: Int64 = 0x4d44  // MSDOS_SUPER_MAGIC of linux/magic.h
  /// The first cluster's block, or the inode, and its names, each relative to the media.
  private var names: [UInt64: [String]] = [:]
  private var keys: [String: UInt64] = [:]
  /// How many names each inode counts; FAT knows of one.
  private var counts: [UInt64: UInt64] = [:]

  /// Looks at every snapshot and temporary file in a directory. At nothing else: what a power cut leaves of a directory that
  /// was being made is an error that turns vfat read-only, as soon as somebody looks at it (see `MediaFolder`).
  /// - Parameter prefix: of the names, with its slash.
  /// - Throws: `FileError`.
  mutating func add(_ directory: borrowing Descriptor, prefix: String, path: String) throws(FileError) {
    let isFAT = Self.isFAT(directory)
    for name in try directory.names(path: BytePath(path)) where Self.isOfInterest(name) {
      let key = isFAT ? Self.firstBlock(name, in: directory) : try inode(name, in: directory, path)
      guard let key else { continue }
      let shown = prefix + displayText(of: name)
      names[key, default: []].append(shown)
      keys[shown] = key
    }
  }

  private static func isOfInterest(_ name: [UInt8]) -> Bool {
    name.starts(with: Leftovers.prefix) || SnapshotName.isBootable(name) || SnapshotName.parseDated(name) != nil
  }

  static func isFAT(_ directory: borrowing Descriptor) -> Bool {
    clbud_file_system_type(directory.raw) == fatMagic
  }

  private static func firstBlock(_ name: [UInt8], in directory: borrowing Descriptor) -> UInt64? {
    guard let file = SharedDescriptor.opening(name, in: directory.raw) else { return nil }
    // 0 is an empty file; -1 a directory, or a kernel that does not tell.
    let block = clbud_first_block(file.raw)
    return block > 0 ? UInt64(block) : nil
  }

  private mutating func inode(
    _ name: [UInt8], in directory: borrowing Descriptor, _ path: String
  ) throws(FileError) -> UInt64? {
    guard let status = try directory.status(of: name, path: BytePath(path)), status.kind == .file else { return nil }
    counts[status.identity.inode] = status.links
    return status.identity.inode
  }

  /// Other names of the same file, where it does not count them all.
  func partners(of name: String) -> [String] {
    guard let key = keys[name], let all = names[key], all.count > counts[key] ?? 1 else { return [] }
    return all.filter { $0 != name }
  }
}
