/// What apk's `lib/apk/db/installed` says about directories and files (apk-tools `database.c`, `apk_db_fdb_read`).
package struct InstalledDatabase: Sendable {
  /// Permissions as a package sets them.
  package struct Permissions: Hashable, Sendable {
    package var mode: UInt16
    package var uid: UInt32
    package var gid: UInt32

    package init(mode: UInt16, uid: UInt32, gid: UInt32) {
      self.mode = mode
      self.uid = uid
      self.gid = gid
    }
  }

  package struct FileRecord: Hashable, Sendable {
    package var permissions: Permissions
    /// Nil where the database has none, and for a whole SHA-256: apk keeps 20 bytes a file and drops longer digests, so
    /// that such a file always counts as changed (apk-tools `apk_database.h`, `apk_dbf_digest_set`).
    package var digest: PackageDigest?
    package var attributes: AttributesDigest
    /// The package is flagged `f:x`: its attributes were not recorded.
    package var ignoresAttributes: Bool
  }

  package private(set) var files: [BytePath: FileRecord] = [:]
  package private(set) var directories: [BytePath: Permissions] = [:]
  package private(set) var problems: [Problem] = []

  package static let path = BytePath("lib/apk/db/installed")

  /// A root without a package database: everything in it counts as unknown to the packages.
  package init() {}

  /// - Parameters:
  ///   - text: the file's bytes.
  ///   - keeps: whether anything in a directory can matter; entries of others are dropped to save memory.
  package init(parsing text: [UInt8], keeps: @escaping (BytePath) -> Bool = { _ in true }) {
    var parser = InstalledDatabaseParser(keeps: keeps)
    var number = 0
    var rest = text[...]
    // Not split at once: the lines would take more memory than the text. What stands behind the last line end is no line.
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      number += 1
      parser.read(rest[..<end], number: number)
      rest = rest[end...].dropFirst()
    }
    if !text.isEmpty, text.last != UInt8(ascii: "\n") { parser.complain(number, "ends in the middle of a line") }
    parser.endOfFile(after: number)
    files = parser.files
    directories = parser.directories.mapValues(\.permissions)
    problems = parser.problems
  }
}
