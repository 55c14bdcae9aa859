import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Looks at the running system as far as a restore is concerned with it.
struct RunningStateReader {
  private let root: RootDirectory
  private let directories: DirectoryOpener
  private var state = RunningState()

  private init(root: RootDirectory) {
    self.root = root
    directories = DirectoryOpener(root: root)
  }

  /// - Parameters:
  ///   - saved: all that the snapshot has.
  ///   - selected: what may be removed where the snapshot does not have it.
  /// - Throws: `FileError` where something cannot be seen.
  static func read(
    _ request: RestoreRequest, _ saved: [BytePath: SavedEntry], _ selected: [SelectedNow], in root: RootDirectory
  ) throws(FileError) -> RunningState {
    var reader = RunningStateReader(root: root)
    for path in saved.keys.filter(request.includes).sorted() { try reader.look(at: path, saved[path]) }
    for entry in selected where request.includes(entry.path) && saved[entry.path] == nil {
      try reader.lookAtCandidate(entry.path)
    }
    return reader.state
  }

  private mutating func look(at path: BytePath, _ saved: SavedEntry?) throws(FileError) {
    var directory = path.parent
    while !directory.isRoot, state.entries[directory] == nil {
      state.entries[directory] = try entry(at: directory, nil)
      directory = directory.parent
    }
    guard let now = try entry(at: path, saved) else { return }
    state.entries[path] = now
    if now.fingerprint.content == .directory, saved?.fingerprint.content != .directory {
      state.trees[path] = try below(path)
    }
  }

  private mutating func lookAtCandidate(_ path: BytePath) throws(FileError) {
    guard let now = try entry(at: path, nil) else { return }
    state.entries[path] = now
    if now.fingerprint.content == .directory { state.trees[path] = try names(path).map { path.appending($0) } }
    if isOnOtherMount(path.parent) { state.foreign.insert(path.parent) }
  }

  /// - Returns: nil where nothing is, and where the way there leads through a symlink.
  private mutating func entry(at path: BytePath, _ saved: SavedEntry?) throws(FileError) -> RunningEntry? {
    let parent: SharedDescriptor
    do { parent = try directories.open(path.parent) } catch let error where Self.isNoWay(error) {
      try lookBehindLinks(path, saved)
      return nil
    }
    guard let (status, fingerprint) = try fingerprint(of: path, in: parent, saved) else { return nil }
    return RunningEntry(
      fingerprint: fingerprint, modificationTime: status.modificationTime, links: status.links,
      isMountPoint: isMountPoint(path.name, in: parent))
  }

  private static func isNoWay(_ error: FileError) -> Bool { [ENOENT, ENOTDIR, ELOOP].contains(error.code) }

  /// What is there for who follows symlinks, as a snapshot is made.
  private mutating func lookBehindLinks(_ path: BytePath, _ saved: SavedEntry?) throws(FileError) {
    do {
      let directory = try root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY)
      let place = place(of: path.name, in: directory.truePath)
      let found = try fingerprint(of: path, in: SharedDescriptor(directory), saved)?.fingerprint
      state.behindLinks[path] = BehindLink(found, at: place)
    } catch {
      guard Self.isNoWay(error) else { throw error }
    }
  }

  /// Where in the root something is that was found behind symlinks; nil where there is no `/proc`.
  private func place(of name: [UInt8], in directory: [UInt8]?) -> BytePath? {
    guard let directory, let top = root.descriptor.truePath.map({ BytePath(normalizing: $0) }) else { return nil }
    let place = BytePath(normalizing: directory)
    guard place.isInside(top) else { return nil }
    return BytePath(normalizing: place.bytes.dropFirst(top.bytes.count)).appending(name)
  }

  private func fingerprint(
    of path: BytePath, in parent: SharedDescriptor, _ saved: SavedEntry?
  ) throws(FileError) -> (status: FileStatus, fingerprint: Fingerprint)? {
    guard let status = try Descriptor.status(of: path.name, in: parent.raw, path: path) else { return nil }
    if case .file(let size, .some)? = saved?.fingerprint.content, status.kind == .file, status.size == size,
      let read = try Self.read(path, in: parent)
    {
      return (status, read.status.fingerprint(.file(size: read.status.size, digest: read.digest)))
    }
    return (status, status.fingerprint(try content(of: path, in: parent, status)))
  }

  private static func read(_ path: BytePath, in parent: SharedDescriptor) throws(FileError) -> ReadContent? {
    try ContentReader().read(path.name, in: try parent.again(path: path), path: path, packageKind: nil)
  }

  private func content(
    of path: BytePath, in parent: SharedDescriptor, _ status: FileStatus
  ) throws(FileError) -> Fingerprint.Content {
    switch status.kind {
    case .file: .file(size: status.size, digest: nil)
    case .directory: .directory
    case .symlink: .symlink(target: try parent.again(path: path).target(of: path.name, path: path))
    case .fifo: .fifo
    case .characterDevice: .characterDevice(major: status.deviceMajor, minor: status.deviceMinor)
    case .blockDevice: .blockDevice(major: status.deviceMajor, minor: status.deviceMinor)
    case .socket: .socket
    }
  }

  private func isMountPoint(_ name: [UInt8], in parent: SharedDescriptor) -> Bool {
    let raw = clbud_open_on_mount(parent.raw, cString(name))
    guard raw < 0 else {
      close(raw)
      return false
    }
    return errno == EXDEV
  }

  private func isOnOtherMount(_ directory: BytePath) -> Bool {
    guard !directory.isRoot else { return false }
    let raw = clbud_open_on_mount(root.descriptor.raw, cString(directory.bytes))
    guard raw < 0 else {
      close(raw)
      return false
    }
    // What cannot be told is not removed.
    return errno != ENOENT
  }

  private func names(_ path: BytePath) throws(FileError) -> [[UInt8]] {
    try root.openWithoutLinks(path).names(path: path).filter { !TemporaryName.isOne($0) }
  }

  /// All that is in a directory, mounts not entered.
  private func below(_ top: BytePath) throws(FileError) -> [BytePath] {
    var found: [BytePath] = []
    var pending = [top]
    while let directory = pending.popLast() {
      for name in try names(directory) {
        let path = directory.appending(name)
        found.append(path)
        let parent = try directories.open(directory)
        if try Descriptor.status(of: name, in: parent.raw, path: path)?.kind == .directory,
          !isMountPoint(name, in: parent)
        {
          pending.append(path)
        }
      }
    }
    return found
  }
}

/// Opens directories of a root, one after another, following no symlink; the last one stays open, since what comes next is
/// mostly in it too.
final class DirectoryOpener {
  private let root: RootDirectory
  private var last: (path: BytePath, descriptor: SharedDescriptor)?

  init(root: RootDirectory) { self.root = root }

  /// - Throws: `FileError`.
  func open(_ path: BytePath) throws(FileError) -> SharedDescriptor {
    if let last, last.path == path { return last.descriptor }
    let descriptor = SharedDescriptor(try root.openWithoutLinks(path))
    last = (path, descriptor)
    return descriptor
  }

  /// Something else may be there by now.
  func forget() { last = nil }
}

extension SharedDescriptor {
  /// The same directory, as what has a single owner.
  /// - Throws: `FileError`.
  func again(path: BytePath) throws(FileError) -> Descriptor {
    Descriptor(owning: try retrying("open", path.parent) { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
  }
}

@discardableResult
func retrying<Result: SignedInteger>(
  _ verb: String, _ path: BytePath, _ call: () -> Result
) throws(FileError) -> Result {
  try retrying(verb, "/" + path.display, call)
}

extension Descriptor {
  /// The status of an entry of a directory that somebody else owns; nil where there is none.
  /// - Throws: `FileError`.
  static func status(of name: [UInt8], in directory: Int32, path: BytePath) throws(FileError) -> FileStatus? {
    var status = stat()
    let terminated = cString(name)
    do {
      try retrying("look at", path) { fstatat(directory, terminated, &status, AT_SYMLINK_NOFOLLOW) }
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
    return FileStatus(status)
  }
}
