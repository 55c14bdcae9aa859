import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Finds out what `CacheSetup` decides about, and carries out what it has decided.
package struct CacheSetter {
  private let places: SetupPlaces

  package init(root: RootDirectory) {
    places = SetupPlaces(root: root)
  }

  // MARK: What there is

  /// - Parameters:
  ///   - path: absolute, or relative to the working directory.
  ///   - mounting: whether the medium may be mounted for a moment to look whether the directory is there.
  /// - Throws: `SetupRefusal`, `StoreError` or `FileError`.
  package func look(_ path: [UInt8], mounting: Bool) throws -> CacheSetup {
    let directory = try CacheSetup.directory(path, current: places.workingDirectory())
    let text = try places.text(SetupPlaces.fstab)
    let entry = self.entry(holding: directory, FileSystemTable(parsing: text))
    let isUnmounted = entry.map { places.mount(at: $0.point) == nil } ?? false
    var isDirectory: Bool?
    if !isUnmounted {
      isDirectory = places.isDirectory(directory)
    } else if let entry, mounting {
      isDirectory = try isDirectoryOnUnmounted(directory, entry)
    }
    let isMemory = isUnmounted ? ["tmpfs", "ramfs"].contains(entry?.type) : isInMemory(directory)
    var setup = CacheSetup(
      directory: directory, link: try link(), isDirectory: isDirectory, isInMemory: isMemory,
      unmounted: isUnmounted ? entry?.point : nil)
    setup.table = text
    return setup
  }

  /// What is at `/etc/apk/cache`; a target with a slash more or less is the same.
  private func link() throws(FileError) -> CacheSetup.Link {
    let path = BootPlaces.cachePath
    guard let folder = try? places.root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY),
      let status = try folder.status(of: path.name, path: path)
    else { return .absent }
    switch status.kind {
    case .symlink:
      let target = try folder.target(of: path.name, path: path)
      guard target.first == BytePath.separator else { return .target(target) }
      return .target([BytePath.separator] + BytePath(normalizing: target).bytes)
    case .directory: return .other("a directory")
    case .file: return .other("a file")
    default: return .other("something else")
    }
  }

  /// The line of fstab whose point a path lies under, the deepest of them.
  private func entry(holding path: [UInt8], _ table: FileSystemTable) -> FileSystemTable.Entry? {
    let path = BytePath(normalizing: path)
    let entries = table.entries.filter { entry in
      let point = BytePath(normalizing: entry.point)
      return entry.type != "swap" && entry.point.first == BytePath.separator && !point.isRoot && path.isInside(point)
    }
    // The first of several for one point counts.
    return entries.reduce(nil as FileSystemTable.Entry?) { deepest, entry in
      guard let deepest else { return entry }
      return BytePath(normalizing: entry.point).bytes.count > BytePath(normalizing: deepest.point).bytes.count
        ? entry : deepest
    }
  }

  private func isDirectoryOnUnmounted(_ directory: [UInt8], _ entry: FileSystemTable.Entry) throws -> Bool {
    guard places.isDirectory(entry.point) else { return false }
    return try mount(at: entry.point).withAccess(.reading, note: { _ in }, say: { _ in }) {
      places.isDirectory(directory)
    }
  }

  /// Of the deepest directory on the way that is there.
  private func isInMemory(_ directory: [UInt8]) -> Bool {
    guard let folder = deepest(of: directory) else { return false }
    return places.root.isInMemory(folder)
  }

  private func deepest(of directory: [UInt8]) -> Descriptor? {
    (try? places.root.open(deepestPath(of: directory), O_RDONLY | O_DIRECTORY))
  }

  private func deepestPath(of directory: [UInt8]) -> [UInt8] {
    var path = BytePath(normalizing: directory)
    while !path.isRoot, !places.isDirectory(path.bytes) { path = path.parent }
    return [BytePath.separator] + path.bytes
  }

  private func mount(at point: [UInt8]) -> MediaMount {
    MediaMount(
      root: places.root, path: String(decoding: point, as: UTF8.self), isMountPoint: true,
      // The daemon may be at work on the same mount, and undoes only what it has done itself.
      run: RunFolder(root: places.root, path: "run/lbud/setup"))
  }

  // MARK: Candidates

  package struct Candidate: Sendable {
    package var directory: [UInt8]
    /// Bytes; nil where the medium is not mounted.
    package var free: UInt64?
    package var isInMemory: Bool
  }

  /// What `/etc/apk/cache` leads to; nil where it is no symlink.
  package func current() -> [UInt8]? {
    if case .target(let target)? = try? link() { return target }
    return nil
  }

  /// Directories for a cache, the best one first: what is linked now, `/media/$LBU_MEDIA/cache`, one on each disk that is
  /// mounted in /media, and `/var/cache/apk` where that is on a disk.
  package func candidates() -> [Candidate] {
    var paths: [[UInt8]] = []
    if let current = current(), current.first == BytePath.separator { paths.append(current) }
    if let media = places.settings().media { paths.append(Array("/media/\(media)/cache".utf8)) }
    for mount in places.mounts.mounts {
      guard let point = places.inside(mount.point), MediaCandidate.name(inMedia: point) != nil,
        BootReadability(type: mount.type) == .usable
      else { continue }
      paths.append(point + Array("/cache".utf8))
    }
    paths.append(Array("/var/cache/apk".utf8))
    var seen: Set<[UInt8]> = []
    let table = FileSystemTable(parsing: (try? places.text(SetupPlaces.fstab)) ?? [])
    return paths.filter { seen.insert($0).inserted }.compactMap { path in
      let entry = self.entry(holding: path, table)
      let isUnmounted = entry.map { places.mount(at: $0.point) == nil } ?? false
      let isMemory = !isUnmounted && isInMemory(path)
      if isMemory, path == paths.last { return nil }
      return Candidate(directory: path, free: isUnmounted || isMemory ? nil : free(path), isInMemory: isMemory)
    }
  }

  private func free(_ directory: [UInt8]) -> UInt64? {
    guard let folder = deepest(of: directory) else { return nil }
    var space = statvfs()
    guard fstatvfs(folder.raw, &space) == 0 else { return nil }
    return UInt64(space.f_bavail) * UInt64(space.f_frsize)
  }

  // MARK: Doing it

  /// - Parameters:
  ///   - note: takes what a person should know.
  ///   - done: called after each step.
  /// - Throws: `StoreError` or `FileError`.
  package func carryOut(
    _ plan: SetupPlan, of setup: CacheSetup, note: (Problem) -> Void, done: (SetupStep) -> Void
  ) throws {
    for step in plan.steps {
      if case .makeDirectory(let directory) = step {
        try make(directory, setup, note)
      } else {
        try places.carryOut(step)
      }
      done(step)
    }
  }

  /// Makes the directory where it is to be, which may have to be mounted or made writable for that.
  private func make(_ directory: [UInt8], _ setup: CacheSetup, _ note: (Problem) -> Void) throws {
    let path = BytePath(normalizing: directory)
    if let unmounted = setup.unmounted { try places.root.makeDirectories(BytePath(normalizing: unmounted)) }
    guard !setup.isInMemory, let point = setup.unmounted ?? places.point(holding: deepestPath(of: directory)) else {
      return try places.root.makeDirectories(path)
    }
    try mount(at: point).withAccess(.writing, note: note, say: { _ in }) { try places.root.makeDirectories(path) }
  }
}
