import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads what tells which packages the next boot installs.
struct PackageReader {
  let root: RootDirectory

  private static let worldLimit = 4 << 20
  private static let databaseLimit = 256 << 20

  /// - Parameter willRead: is told which indexes and folders will be read, before they are, so that a change of them shows.
  /// - Returns: nil where there is no world: apk is not in use.
  func read(willRead: ([BytePath]) -> Void) -> CacheCoverage? {
    let places = BootPlaces(root: root)
    var surroundings = CacheCoverage.Surroundings()
    guard let world = world(&surroundings.problems) else {
      willRead([])
      return nil
    }
    let architecture = places.architecture()
    let list = places.repositories(architecture: architecture, problems: &surroundings.problems)
    surroundings.remoteCount = list.remoteCount
    surroundings.bootsWithNetwork = places.bootsWithNetwork()
    surroundings.cache = places.cache()
    surroundings.installed = installed(world)
    let folder = cacheFolder(&surroundings)
    willRead(
      Self.cachePaths(folder) + list.local.flatMap { [Self.folder($0, architecture), Self.index($0, architecture)] })
    var candidates = folder.map { cached($0, &surroundings) } ?? []
    for (number, repository) in list.local.enumerated() {
      candidates += offered(repository, number, architecture, places, &surroundings)
    }
    return CacheCoverage(world: world, packages: BootPackages(candidates, for: world.dependencies), surroundings)
  }

  private func world(_ problems: inout [Problem]) -> World? {
    do throws(FileError) {
      return World(parsing: try root.read(World.path, limit: Self.worldLimit))
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      problems.append(
        Problem(
          .warning, subject: "/" + World.path.display, "cannot be read: \(error.reason)",
          remedy: "which packages the next boot installs cannot be told; mend it, then: apk fix"))
      return World()
    }
  }

  /// Versions of what the world names. A database that cannot be read is said elsewhere.
  private func installed(_ world: World) -> [[UInt8]: [UInt8]] {
    let names = Set(world.dependencies.map(\.name))
    var parser = PackageIndexParser(mayKeep: { name, _ in names.contains(name) }, keeps: { names.contains($0.name) })
    try? PackageIndexFile.readPlain(
      InstalledDatabase.path, root: root, limit: Self.databaseLimit, into: &parser)
    return Dictionary(parser.records.map { ($0.name, $0.version) }) { first, _ in first }
  }

  // MARK: The cache

  private static let listPath = BootPlaces.cachePath.appending("installed".utf8)

  private static func cachePaths(_ folder: PackageFolder?) -> [BytePath] {
    guard let folder else { return [] }
    return folder.cachedIndexes.map { BootPlaces.cachePath.appending($0) } + [listPath]
  }

  private func cacheFolder(_ surroundings: inout CacheCoverage.Surroundings) -> PackageFolder? {
    guard case .folder(let shown) = surroundings.cache else { return nil }
    do throws(FileError) {
      return try PackageFolder(root: root, path: BootPlaces.cachePath)
    } catch {
      surroundings.cache = .unusable(shown)
      surroundings.problems.append(
        Problem(
          .warning, subject: displayText(of: shown), "cannot be listed: \(error.reason)",
          remedy: "apk does without it; setup-apkcache makes another"))
      return nil
    }
  }

  /// Packages whose file is there count only where an index names them that apk reads without a network: those of
  /// network repositories, which the cache keeps, and its own list `installed`, of installed packages that no repository
  /// has any more, or never had, as virtual ones (apk-tools 3.0.6 `database.c`, `apk_db_open`, `mark_in_cache`,
  /// `apk_db_index_write_nr_cache`).
  private func cached(
    _ folder: PackageFolder, _ surroundings: inout CacheCoverage.Surroundings
  ) -> [BootPackages.Candidate] {
    guard case .folder(let shown) = surroundings.cache else { return [] }
    let isHeld: (PackageRecord) -> Bool = { record in
      record.installedSize == 0 || folder.holds(record.cacheFileName, size: record.size)
    }
    var records: [PackageRecord] = []
    for path in Self.cachePaths(folder) {
      var parser = PackageIndexParser(mayKeep: folder.mayHold, keeps: isHeld)
      do throws(PackageIndexFile.Failure) {
        if path == Self.listPath {
          try PackageIndexFile.readPlain(path, root: root, into: &parser)
        } else {
          try PackageIndexFile.read(path, root: root, into: &parser)
        }
        records += parser.records
      } catch {
        if path == Self.listPath, error.isAbsent { continue }
        if error.isUnknownFormat { surroundings.hasUnknownIndex = true }
        surroundings.problems.append(
          Self.problem(
            shown + [BytePath.separator] + path.name, error, remedy: path == Self.listPath ? "apk fix" : "apk update"))
      }
    }
    if folder.cachedIndexes.isEmpty, surroundings.remoteCount > 0 {
      surroundings.problems.append(
        Problem(
          .warning, subject: displayText(of: shown),
          "has no index of a network repository: without one apk takes none of its packages from here",
          remedy: "apk update"))
    }
    surroundings.problems += Self.torn(folder, shown, remedy: "remove it, then: apk cache download")
    return records.map { BootPackages.Candidate($0, .cache) }
  }

  // MARK: Repositories

  private static func folder(_ repository: RepositoryList.Local, _ architecture: [UInt8]) -> BytePath {
    let base = BytePath(normalizing: repository.path)
    if case .file = repository.index { return base }
    return base.appending(architecture)
  }

  private static func index(_ repository: RepositoryList.Local, _ architecture: [UInt8]) -> BytePath {
    switch repository.index {
    case .folder(let file): folder(repository, architecture).appending(file.utf8)
    case .file(let path): BytePath(normalizing: path)
    }
  }

  private func offered(
    _ repository: RepositoryList.Local, _ number: Int, _ architecture: [UInt8], _ places: BootPlaces,
    _ surroundings: inout CacheCoverage.Surroundings
  ) -> [BootPackages.Candidate] {
    var state = CacheCoverage.Repository.State.usable
    defer { surroundings.repositories.append(.init(path: repository.path, state: state)) }
    guard places.isMounted(repository.path) else {
      state = .unknown
      return []
    }
    let folderPath = [BytePath.separator] + Self.folder(repository, architecture).bytes
    do throws(PackageIndexFile.Failure) {
      let folder = try Self.listed(folderPath, root)
      var parser = PackageIndexParser(mayKeep: folder.mayHold) { record in
        record.installedSize == 0 || folder.holds(record.fileName, size: record.size)
      }
      try PackageIndexFile.read(Self.index(repository, architecture), root: root, into: &parser)
      surroundings.problems += Self.torn(folder, folderPath, remedy: "copy it there again")
      return parser.records.map { BootPackages.Candidate($0, .repository(number), tag: repository.tag) }
    } catch {
      state = error.isUnknownFormat ? .unknown : .unusable
      surroundings.problems.append(
        Self.problem(
          [BytePath.separator] + Self.index(repository, architecture).bytes, error,
          remedy: error.isUnknownFormat ? "what it offers is unknown" : "apk passes over this repository"))
      return []
    }
  }

  private static func listed(_ path: [UInt8], _ root: RootDirectory) throws(PackageIndexFile.Failure) -> PackageFolder {
    do throws(FileError) {
      return try PackageFolder(root: root, path: BytePath(normalizing: path))
    } catch {
      throw PackageIndexFile.Failure(reason: "cannot be read: \(error.reason)")
    }
  }

  // MARK: In words

  private static func problem(_ path: [UInt8], _ failure: PackageIndexFile.Failure, remedy: String) -> Problem {
    Problem(.warning, subject: displayText(of: path), failure.reason, remedy: remedy)
  }

  private static func torn(_ folder: PackageFolder, _ shown: [UInt8], remedy: String) -> [Problem] {
    folder.torn.prefix(8).map { name in
      Problem(
        .warning, subject: displayText(of: shown + [BytePath.separator] + name),
        "has not the size that the index says: it is torn or another package", remedy: remedy)
    }
  }
}
