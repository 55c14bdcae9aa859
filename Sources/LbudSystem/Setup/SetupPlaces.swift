import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a setup looks at: the files of the root, and what is mounted in it.
package struct SetupPlaces {
  let root: RootDirectory
  let mounts: MountTable
  /// The root as the mount table has it; nil where that cannot be told.
  private let top: [UInt8]?

  static let fstab = BytePath("etc/fstab")
  static let limit = 1 << 20

  package init(root: RootDirectory) {
    self.root = root
    mounts = MountWatch().table() ?? MountTable()
    top = root.descriptor.truePath
  }

  // MARK: Files

  /// Nothing where it is not there.
  /// - Throws: `FileError`.
  func text(_ path: BytePath) throws(FileError) -> [UInt8] {
    do {
      return try root.read(path, limit: Self.limit)
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return []
    }
  }

  /// What lbu.conf says by itself, whatever stands in the environment.
  func settings() -> Settings {
    let root = self.root
    let environment = Dictionary(uniqueKeysWithValues: Settings.environmentKeys.map { ($0, "") })
    let settings = try? Blocking.waiting {
      var reader = ConfigurationReader(root: root)
      return await reader.load(environment: environment).settings
    }
    return settings ?? Settings()
  }

  func isDirectory(_ path: [UInt8]) -> Bool { (try? root.open(path, O_RDONLY | O_DIRECTORY)) != nil }

  /// - Returns: nothing where it cannot be read.
  func names(in path: BytePath) -> [[UInt8]] {
    guard let folder = try? root.open(path.bytes, O_RDONLY | O_DIRECTORY) else { return [] }
    return ((try? folder.names(path: path)) ?? []).sorted { $0.lexicographicallyPrecedes($1) }
  }

  // MARK: Mounts

  /// What is mounted at a directory of the root.
  func mount(at path: [UInt8]) -> Mount? {
    guard let folder = try? root.open(path, O_RDONLY | O_DIRECTORY), let place = folder.truePath else {
      return nil
    }
    return mounts.mount(at: place)
  }

  /// The mount that a directory of the root lies in, where its point is inside the root.
  func point(holding path: [UInt8]) -> [UInt8]? {
    guard let folder = try? root.open(path, O_RDONLY | O_DIRECTORY), let place = folder.truePath,
      let mount = mounts.mount(holding: place)
    else { return nil }
    return inside(mount.point)
  }

  /// A path of the mount table as it is inside the root; nil for the root itself and what is outside.
  func inside(_ path: [UInt8]) -> [UInt8]? {
    guard let top else { return nil }
    let (outside, above) = (BytePath(normalizing: path), BytePath(normalizing: top))
    guard outside != above, outside.isInside(above) else { return nil }
    return [BytePath.separator] + BytePath(normalizing: outside.bytes.dropFirst(above.bytes.count)).bytes
  }

  /// The working directory, as it is inside the root; nil where it is outside.
  package func workingDirectory() -> [UInt8]? {
    guard let top, let current = TruePath.ofWorkingDirectory else { return nil }
    return current == top ? [] : inside(current)
  }
}
