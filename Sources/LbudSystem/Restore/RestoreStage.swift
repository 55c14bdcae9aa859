import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Makes everything that a plan puts in place, under other names beside the places: until all of it is whole nothing that
/// is there is touched.
///
/// A directory that is not there yet is made with all that comes into it, so that it takes its place in one step.
final class RestoreStage {
  /// What takes its place by one renaming.
  struct Piece {
    var path: BytePath
    /// In the directory that the path is in.
    var temporary: [UInt8]
  }

  private let root: RootDirectory
  private let plan: RestorePlan
  private let listing: SnapshotListing
  private let directories: DirectoryOpener
  /// Whether what a restore before has left may be what was there before that.
  private let keepsLeftovers: Bool
  private let checkpoint: RestoreCheckpoint
  private(set) var pieces: [Piece] = []
  /// What could not be made as it was, in words.
  private(set) var notes: [String] = []
  /// Of new directories that are pieces, the temporary names.
  private var tops: [BytePath: [UInt8]] = [:]
  /// Of a file that is made, where it is, for its other names.
  private var made: [Int: BytePath] = [:]

  init(
    root: RootDirectory, plan: RestorePlan, listing: SnapshotListing, keepsLeftovers: Bool = false,
    checkpoint: @escaping RestoreCheckpoint
  ) {
    self.root = root
    self.plan = plan
    self.listing = listing
    self.keepsLeftovers = keepsLeftovers
    self.checkpoint = checkpoint
    directories = DirectoryOpener(root: root)
  }

  /// - Throws: `FileError`, and what `SnapshotListing.reread` throws; then `discard` is to be called.
  func make(readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int) throws {
    try removeLeftovers()
    for action in plan.actions {
      if case .makeDirectory = action.step { try makeDirectory(action.path) }
    }
    var files: [Int: BytePath] = [:]
    for (path, origin) in puts where files[origin] == nil {
      files[origin] = path
      if case .file = listing.items[origin].member.body { continue }
      try makeSpecial(path, listing.items[origin].member)
      made[origin] = path
    }
    let contents = files.filter { made[$0.key] == nil }
    // Without content there is nothing to be read again.
    if !contents.isEmpty {
      try listing.reread(Set(contents.keys), readAt: readAt) { place, read in
        guard let path = contents[place] else { return }
        try makeFile(path, listing.items[place].member, read)
        made[place] = path
      }
    }
    for (path, origin) in puts where made[origin] != path { try link(path, to: origin) }
    for action in plan.actions.reversed() {
      if case .makeDirectory(let permissions) = action.step { try finishDirectory(action.path, permissions) }
    }
    try synchronize()
  }

  /// Removes all that has been made and not been put in place.
  /// - Parameter stuck: paths that could not be taken back; what was there before has the temporary name and stays.
  func discard(except stuck: [BytePath] = [], say: (String) -> Void) {
    for piece in pieces where !stuck.contains(piece.path) {
      do { try TemporaryEntry.remove(piece.temporary, in: piece.path.parent, of: root) } catch { say("\(error)") }
    }
    pieces = []
  }

  private var puts: [(path: BytePath, origin: Int)] {
    plan.actions.compactMap { action in
      if case .put(let origin) = action.step { return (action.path, origin) }
      return nil
    }
  }

  // MARK: Where it is made

  /// The path by which something is found before it is in its place.
  private func location(_ path: BytePath) -> BytePath {
    var top = path
    var below: [[UInt8]] = []
    while !top.isRoot {
      if let temporary = tops[top] {
        return below.reversed().reduce(top.parent.appending(temporary)) { $0.appending($1) }
      }
      below.append(top.name)
      top = top.parent
    }
    return path
  }

  /// Where it is to be made: a piece of its own unless it comes with a new directory.
  private func newLocation(_ path: BytePath) -> BytePath {
    let place = location(path)
    guard place == path else { return place }
    let temporary = TemporaryName.make(.random(in: 1...UInt64.max))
    pieces.append(Piece(path: path, temporary: temporary))
    tops[path] = temporary
    return path.parent.appending(temporary)
  }

  /// What a restore before has left when it was killed.
  private func removeLeftovers() throws(FileError) {
    var looked: Set<BytePath> = []
    for action in plan.actions {
      let parent = action.path.parent
      guard looked.insert(parent).inserted, let descriptor = try? root.openWithoutLinks(parent) else { continue }
      for name in try descriptor.names(path: parent) where TemporaryName.isOne(name) {
        guard !keepsLeftovers else {
          notes.append(
            "\(parent.appending(name).display): left by a restore that was cut off, perhaps what was there before; it stays"
          )
          continue
        }
        try TemporaryEntry.remove(name, in: parent, of: root)
      }
    }
  }

  // MARK: Making

  private func makeDirectory(_ path: BytePath) throws {
    try checkpoint(.stage, path)
    let place = newLocation(path)
    let parent = try directories.open(place.parent)
    let name = cString(place.name)
    try retrying("make", path) { mkdirat(parent.raw, name, 0o700) }
  }

  private func finishDirectory(_ path: BytePath, _ permissions: InstalledDatabase.Permissions) throws {
    let place = location(path)
    let directory = try root.openWithoutLinks(place)
    let status = try directory.status(path: "/" + path.display)
    // Nobody but lbud makes such a one; what another user has swapped in gets no owner from root.
    guard status.mode == 0o700, status.uid == geteuid() else { throw FileError("make", path, code: EBUSY) }
    try PermissionSetter.set(permissions, directory.raw, path)
  }

  private func makeFile(
    _ path: BytePath, _ member: Member, _ read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    try checkpoint(.stage, path)
    try writeFile(path, newLocation(path), member, read)
  }

  private func writeFile(
    _ path: BytePath, _ place: BytePath, _ member: Member, _ read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let parent = try directories.open(place.parent)
    let name = cString(place.name)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(owning: try retrying("write", path) { openat(parent.raw, name, flags, 0o600) })
    let raw = file.raw
    let shown = "/" + path.display
    var output = FileOutput(raw: raw, path: shown)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let count = try read(buffer)
      if count == 0 { break }
      try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try PermissionSetter.set(member.permissions, raw, path)
    try PermissionSetter.setTime(member.modificationTime, raw, path)
    // Some file systems tell only here that there was no room.
    try file.closeChecked(path: shown)
  }

  private func makeSpecial(_ path: BytePath, _ member: Member) throws {
    try checkpoint(.stage, path)
    try makeSpecial(path, newLocation(path), member)
  }

  private func makeSpecial(_ path: BytePath, _ place: BytePath, _ member: Member) throws {
    let parent = try directories.open(place.parent)
    let name = cString(place.name)
    switch member.body {
    case .symlink(let target):
      let destination = cString(target)
      try retrying("make the link", path) { symlinkat(destination, parent.raw, name) }
    case .fifo: try retrying("make", path) { mknodat(parent.raw, name, S_IFIFO | 0o600, 0) }
    case .characterDevice(let major, let minor):
      try retrying("make", path) { mknodat(parent.raw, name, S_IFCHR | 0o600, clbud_device(major, minor)) }
    case .blockDevice(let major, let minor):
      try retrying("make", path) { mknodat(parent.raw, name, S_IFBLK | 0o600, clbud_device(major, minor)) }
    case .file, .directory, .hardLink: break
    }
    try PermissionSetter.setSpecial(member, place.name, in: parent.raw, path)
  }

  private func link(_ path: BytePath, to origin: Int) throws {
    guard let first = made[origin] else { return }
    try checkpoint(.stage, path)
    let source = location(first)
    let place = newLocation(path)
    let from = try root.openWithoutLinks(source.parent)
    let to = try directories.open(place.parent)
    let (raw, old, new) = (from.raw, cString(source.name), cString(place.name))
    if linkat(raw, old, to.raw, new, 0) == 0 { return }
    // On another file system, or one without links, it has to be a file of its own.
    guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) else { throw FileError("link", path) }
    notes.append(
      "\(path.display): cannot be a name of \(first.display) any more, and is a file of its own: \(errorText(errno))")
    let member = listing.items[origin].member
    guard case .file = member.body else { return try makeSpecial(path, place, member) }
    let content = try from.openFile(source.name, path: first)
    try writeFile(path, place, member) { try content.read(into: $0, path: "/" + first.display) }
  }

  /// All that was made is on the disk, where there is one, before it takes its place.
  private func synchronize() throws {
    var done: Set<UInt64> = []
    for piece in pieces {
      let parent = try directories.open(piece.path.parent)
      var status = stat()
      try retrying("look at", piece.path.parent) { fstat(parent.raw, &status) }
      guard done.insert(UInt64(status.st_dev)).inserted else { continue }
      try checkpoint(.synchronize, piece.path)
      try retrying("sync the file system of", piece.path) { clbud_sync_file_system(parent.raw) }
    }
  }
}

/// Called before each step, so that tests can have it fail there.
typealias RestoreCheckpoint = (RestoreStep, BytePath) throws -> Void

enum RestoreStep: Sendable {
  case stage, synchronize, replace, permissions, setAside
}

extension Member {
  var permissions: InstalledDatabase.Permissions { .init(mode: mode, uid: uid, gid: gid) }
}
