import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A directory of package files: the cache, or a repository's for one architecture. A class, for closures ask it.
final class PackageFolder {
  let path: BytePath
  private(set) var names: Set<[UInt8]>
  /// `name-version` of every package file.
  private let stems: Set<[UInt8]>
  private let directory: Descriptor
  /// Files that are there and have another size than an index says: apk passes over them.
  private(set) var torn: [[UInt8]] = []

  /// - Throws: `FileError` where it cannot be listed.
  init(root: RootDirectory, path: BytePath) throws(FileError) {
    self.path = path
    directory = try root.open(path.bytes, O_RDONLY | O_DIRECTORY)
    names = Set(try directory.names(path: path))
    stems = Set(names.flatMap(Self.stems))
  }

  private static func stems(of name: [UInt8]) -> [[UInt8]] {
    let suffix = Array(".apk".utf8)
    guard name.count > suffix.count, name.suffix(suffix.count).elementsEqual(suffix) else { return [] }
    let stem = Array(name.dropLast(suffix.count))
    // In the cache there are a dot and eight digits more.
    guard stem.count > 9, stem[stem.count - 9] == UInt8(ascii: ".") else { return [stem] }
    return [stem, Array(stem.dropLast(9))]
  }

  func mayHold(_ name: [UInt8], _ version: [UInt8]) -> Bool {
    stems.contains(name + [UInt8(ascii: "-")] + version)
  }

  /// Whether the file is there with the size that the index says. apk asks for the size in its cache (apk-tools
  /// `database.c`, `apk_db_get_pkg_by_name`), and fails in the middle of a file that is too short elsewhere.
  func holds(_ name: [UInt8], size: UInt64) -> Bool {
    guard names.contains(name),
      let status = try? directory.status(of: name, path: path.appending(name)), status.kind == .file
    else { return false }
    if status.size == size { return true }
    if !torn.contains(name) { torn.append(name) }
    return false
  }

  /// Its indexes, as the cache keeps those of repositories that a network reaches.
  var cachedIndexes: [[UInt8]] {
    names.filter { $0.starts(with: "APKINDEX.".utf8) && $0.suffix(7).elementsEqual(".tar.gz".utf8) }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }
}
