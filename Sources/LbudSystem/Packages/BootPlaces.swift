import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where a boot looks for packages, and whether that can be seen now.
struct BootPlaces {
  let root: RootDirectory
  private let fileSystems: FileSystemTable

  static let cachePath = BytePath("etc/apk/cache")
  static let mediaPath = BytePath("media")

  init(root: RootDirectory) {
    self.root = root
    fileSystems = FileSystemTable(parsing: (try? root.read(BytePath("etc/fstab"), limit: 1 << 20)) ?? [])
  }

  // MARK: The cache

  /// What `etc/apk/cache` is. apk takes a directory there, and what a symlink there leads to.
  func cache() -> CacheCoverage.Cache {
    let parent = Self.cachePath.parent
    guard let directory = try? root.openWithoutLinks(parent),
      let entry = try? directory.status(of: Self.cachePath.name, path: Self.cachePath)
    else { return .none }
    var path = [BytePath.separator] + Self.cachePath.bytes
    if entry.kind == .symlink, let target = try? directory.target(of: Self.cachePath.name, path: Self.cachePath) {
      path = target.first == BytePath.separator ? target : Array("/\(parent)/".utf8) + target
    }
    // An unmounted file system's directory may well be there, and empty.
    if !isMounted(path) { return .notMounted(path) }
    guard let folder = try? root.open(Self.cachePath.bytes, O_RDONLY | O_DIRECTORY) else { return .unusable(path) }
    // One in etc itself is part of the snapshot.
    if entry.kind == .symlink, root.isInMemory(folder) { return .inMemory(path) }
    return .folder(path)
  }

  /// False where fstab has a file system for the path, or for a directory above it, and nothing is mounted there.
  func isMounted(_ path: [UInt8]) -> Bool {
    let path = BytePath(normalizing: path)
    let points = fileSystems.entries.filter { $0.type != "swap" && $0.point.first == BytePath.separator }
      .map { BytePath(normalizing: $0.point) }
      .filter { !$0.isRoot && path.isInside($0) }
    guard let point = points.max(by: { $0.bytes.count < $1.bytes.count }) else { return true }
    guard let here = try? root.status(point), let above = try? root.status(point.appending("..".utf8)) else {
      return false
    }
    return here.identity.device != above.identity.device
  }

  // MARK: Repositories

  /// Those that files name, and those that the boot loader finds.
  func repositories(architecture: [UInt8], problems: inout [Problem]) -> RepositoryList {
    var list = RepositoryList(architecture: architecture)
    for path in repositoryFiles() {
      do throws(FileError) {
        list.read(try root.read(path, limit: 1 << 20))
      } catch {
        guard error.code != ENOENT, error.code != ENOTDIR else { continue }
        problems.append(
          Problem(
            .warning, subject: "/" + path.display, "cannot be read: \(error.reason)",
            remedy: "its repositories are left out; mend or remove it"))
      }
    }
    for path in bootRepositories() { list.add(bootRepository: path) }
    return list
  }

  func repositoryFiles() -> [BytePath] {
    var files = [RepositoryList.path]
    var seen: Set<[UInt8]> = []
    for folder in RepositoryList.directories {
      guard let directory = try? root.open(folder.bytes, O_RDONLY | O_DIRECTORY) else { continue }
      let names = ((try? directory.names(path: folder)) ?? []).filter {
        $0.first != UInt8(ascii: ".") && $0.suffix(5).elementsEqual(".list".utf8) && seen.insert($0).inserted
      }
      files += names.sorted { $0.lexicographicallyPrecedes($1) }.map { folder.appending($0) }
    }
    return files
  }

  /// Directories of media with a file `.boot_repository`, at most two levels below the media's top, without following
  /// symlinks (mkinitfs `initramfs-init.in`, `find_boot_repositories`: `find /media/* -maxdepth 3`).
  private func bootRepositories() -> [[UInt8]] {
    // No real media comes near; one that does is no reason to read all of it.
    var budget = 500
    var found: [[UInt8]] = []
    var level = subdirectories(of: Self.mediaPath, &budget)
    for depth in 1...3 {
      for directory in level where isBootRepository(directory) { found.append([BytePath.separator] + directory.bytes) }
      if depth < 3 { level = level.flatMap { subdirectories(of: $0, &budget) } }
    }
    return found
  }

  /// The directories where media are mounted: what is on one shows by its status.
  func media() -> [BytePath] {
    var budget = 1
    return subdirectories(of: Self.mediaPath, &budget)
  }

  private func isBootRepository(_ directory: BytePath) -> Bool {
    guard let open = try? root.openWithoutLinks(directory) else { return false }
    let name = Array(".boot_repository".utf8)
    return (try? open.status(of: name, path: directory.appending(name)))??.kind == .file
  }

  private func subdirectories(of path: BytePath, _ budget: inout Int) -> [BytePath] {
    guard budget > 0, let directory = try? root.openWithoutLinks(path) else { return [] }
    budget -= 1
    var result: [BytePath] = []
    for name in ((try? directory.names(path: path)) ?? []).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let child = path.appending(name)
      if (try? directory.status(of: name, path: child))??.kind == .directory { result.append(child) }
    }
    return result
  }

  // MARK: The machine

  /// The first one in `etc/apk/arch`; else the kernel's word for it, which is Alpine's on most machines.
  func architecture() -> [UInt8] {
    let text = (try? root.read(BytePath("etc/apk/arch"), limit: 4096)) ?? []
    if let first = text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: " ") }).first {
      return Array(first)
    }
    var names = utsname()
    uname(&names)
    return withUnsafeBytes(of: &names.machine) { Array($0.prefix { $0 != 0 }) }
  }

  /// Whether the boot loader sets up a network, since its command line asks for one (mkinitfs `initramfs-init.in`): an
  /// address, or an overlay or a repository that a network brings.
  func bootsWithNetwork() -> Bool {
    let text = (try? root.read(BytePath("proc/cmdline"), limit: 1 << 16)) ?? []
    let words = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    return words.contains { word in
      if word.hasPrefix("ip=") { return !word.hasPrefix("ip=off") && !word.hasPrefix("ip=none") }
      guard let equals = word.firstIndex(of: "="), ["apkovl", "alpine_repo"].contains(word[..<equals]) else {
        return false
      }
      return ["http://", "https://", "ftp://"].contains { word[word.index(after: equals)...].hasPrefix($0) }
    }
  }
}
