import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files that decide what a snapshot holds: the protected path lists and apk's database.
package struct ControlFiles: Sendable {
  /// What one look at them told.
  package struct Loaded: Sendable {
    package var selection: Selection
    package var problems: [Problem]
  }

  /// Paths whose directories are watched, that of lbu.conf among them, since a change there must wake lbud up too.
  static let paths = [
    InstalledDatabase.path, Settings.path, ProtectedPaths.directory.appending("x".utf8),
  ]

  private static let sizeLimit = 256 << 20

  private let root: RootDirectory
  private var memory = SignatureMemory()

  package init(root: RootDirectory) {
    self.root = root
  }

  /// Whether they may be others than those loaded last.
  package func mayHaveChanged() -> Bool { memory.mayDiffer(signatures()) }

  /// Reads the lists and the database. What cannot be read is reported and taken as empty.
  package mutating func load() -> Loaded {
    let now = self
    memory.remember { now.signatures() }
    var problems: [Problem] = []
    let paths = ProtectedPaths(lists: lists(&problems))
    problems += paths.problems
    let database = database(rules: Scope(paths), &problems)
    problems += database.problems
    return Loaded(selection: Selection(paths: paths, database: database), problems: problems)
  }

  private func signatures() -> [FileStatus.Signature?] {
    let fixed = [InstalledDatabase.path, ProtectedPaths.directory]
    return (fixed + ((try? listNames()) ?? []).map { ProtectedPaths.directory.appending($0) }).map { path in
      (try? root.status(path))?.signature
    }
  }

  /// In directory order, as apk reads them: where two rules disagree, the later one wins.
  private func listNames() throws(FileError) -> [[UInt8]] {
    guard let directory = try listsDirectory() else { return [] }
    return try directory.names(path: ProtectedPaths.directory).filter(ProtectedPaths.List.isRead)
  }

  private func listsDirectory() throws(FileError) -> Descriptor? {
    do {
      return try root.open(ProtectedPaths.directory.bytes, O_RDONLY | O_DIRECTORY)
    } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
      return nil
    }
  }

  private func lists(_ problems: inout [Problem]) -> [ProtectedPaths.List] {
    let names: [[UInt8]]
    do throws(FileError) {
      names = try listNames()
    } catch {
      problems.append(Self.unreadable(ProtectedPaths.directory, error))
      return []
    }
    return names.compactMap { name in
      let path = ProtectedPaths.directory.appending(name)
      do throws(FileError) {
        return ProtectedPaths.List(name: name, content: try root.read(path, limit: Self.sizeLimit))
      } catch {
        if error.code != ENOENT {
          problems.append(Self.unreadable(path, error))
        }
        return nil
      }
    }
  }

  private static func unreadable(_ path: BytePath, _ error: FileError) -> Problem {
    Problem(
      .blocking, subject: "/" + path.display, "cannot be read: \(error.reason)",
      remedy: "without its rules a snapshot could lack what the last one holds; mend or remove it")
  }

  private func database(rules: Scope, _ problems: inout [Problem]) -> InstalledDatabase {
    do throws(FileError) {
      let text = try root.read(InstalledDatabase.path, limit: Self.sizeLimit)
      var kept: [BytePath: Bool] = [:]
      return InstalledDatabase(parsing: text) { path in
        if let known = kept[path] { return known }
        // Of a directory that the walk does not enter nothing is asked; of the one it stops at, the directory is.
        let keeps = rules.directory(at: path).descends
        kept[path] = keeps
        return keeps
      }
    } catch {
      problems.append(
        Problem(
          .degraded, subject: "/" + InstalledDatabase.path.display, "cannot be read: \(error.reason)",
          remedy: "every file counts as unknown to the packages and is saved; on Alpine try: apk fix"))
      return InstalledDatabase()
    }
  }
}
