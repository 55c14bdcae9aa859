import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Which names on a FAT have the same clusters, as a power cut in the middle of a rename leaves them.
///
/// Unlinking one of two such names frees what the other is made of, and the next file written gets it: so neither is
/// ever just removed (facts, section 5).
struct ClusterOwners {
  private static let fatMagic: Int64 = 0x4d44  // MSDOS_SUPER_MAGIC of linux/magic.h
  /// The first cluster's block and the names that begin there, each as "folder/name" relative to the media.
  private var names: [Int64: [String]] = [:]
  private var blocks: [String: Int64] = [:]

  /// Looks at every file in a directory of a FAT; other file systems never share.
  /// - Parameter prefix: of the names, with its slash.
  /// - Throws: `FileError`.
  mutating func add(_ directory: borrowing Descriptor, prefix: String, path: String) throws(FileError) {
    guard Self.isFAT(directory) else { return }
    for name in try directory.names(path: BytePath(path)) {
      guard let file = SharedDescriptor.opening(name, in: directory.raw) else { continue }
      // 0 is an empty file; -1 a directory, or a kernel that does not tell.
      let block = clbud_first_block(file.raw)
      guard block > 0 else { continue }
      let shown = prefix + displayText(of: name)
      names[block, default: []].append(shown)
      blocks[shown] = block
    }
  }

  static func isFAT(_ directory: borrowing Descriptor) -> Bool {
    clbud_file_system_type(directory.raw) == fatMagic
  }

  /// Other names with the same clusters.
  func partners(of name: String) -> [String] {
    guard let block = blocks[name] else { return [] }
    return (names[block] ?? []).filter { $0 != name }
  }
}
