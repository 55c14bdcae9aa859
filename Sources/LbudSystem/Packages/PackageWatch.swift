import LbudCore

/// Knows which packages the next boot installs, and reads that again only where something that tells has changed.
package struct PackageWatch: Sendable {
  /// As it was when it was last read; nil before that, and where apk is not in use.
  package private(set) var coverage: CacheCoverage?
  private let root: RootDirectory
  /// What is read first, and tells what else is.
  private var memory = SignatureMemory()
  private var paths = Self.fixed
  /// Indexes, and folders of packages.
  private var indexMemory = SignatureMemory()
  private var indexPaths: [BytePath] = []

  /// With the directories in which a replaced file or symlink shows.
  private static let fixed =
    [
      World.path, World.path.parent, InstalledDatabase.path, RepositoryList.path, BytePath("etc/apk/arch"),
      BytePath("etc/fstab"), BootPlaces.cachePath, BootPlaces.mediaPath,
    ] + RepositoryList.directories

  package init(root: RootDirectory) { self.root = root }

  /// Whether it may be another than was read last. Cheap: a look at the status of some twenty files.
  package func mayHaveChanged() -> Bool {
    memory.mayDiffer(signatures(paths)) || indexMemory.mayDiffer(signatures(indexPaths))
  }

  /// Reads all that tells. It may take a while, and hang with a medium: on a thread of its own.
  package mutating func read() {
    let now = self
    let places = BootPlaces(root: root)
    paths = Self.fixed + places.repositoryFiles() + places.media()
    let paths = self.paths
    memory.remember { now.signatures(paths) }
    coverage = PackageReader(root: root).read { read in
      indexPaths = read
      indexMemory.remember { now.signatures(read) }
    }
  }

  private func signatures(_ paths: [BytePath]) -> [FileStatus.Signature?] {
    paths.map { (try? root.status($0))?.signature }
  }
}
