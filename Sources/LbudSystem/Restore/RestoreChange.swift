import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Does what a plan says with what has been staged for it: all of it, or where a step fails none, since each step before is
/// taken back. What goes keeps another name until all is done.
final class RestoreChange {
  private enum Done {
    /// What was staged has its place, where nothing was.
    case placed(BytePath, temporary: [UInt8])
    /// It has its place, and what was there the temporary name.
    case exchanged(BytePath, temporary: [UInt8])
    /// It has its place, and what was there is gone.
    case replaced(BytePath)
    case setAside(BytePath, temporary: [UInt8])
    case permissions(BytePath, InstalledDatabase.Permissions)
  }

  private let root: RootDirectory
  private let plan: RestorePlan
  private let directories: DirectoryOpener
  private let checkpoint: RestoreCheckpoint
  private var done: [Done] = []
  /// Paths that are as the snapshot has them, though the rest has been taken back.
  private(set) var stuck: [BytePath] = []
  /// Of those, where what was there before is now.
  private(set) var originals: [BytePath: BytePath] = [:]

  init(root: RootDirectory, plan: RestorePlan, checkpoint: @escaping RestoreCheckpoint) {
    self.root = root
    self.plan = plan
    self.checkpoint = checkpoint
    directories = DirectoryOpener(root: root)
  }

  /// - Throws: `FileError`; then all has been taken back but what is `stuck`.
  func make(_ pieces: [RestoreStage.Piece]) throws {
    do {
      for piece in pieces { try put(piece) }
      for action in plan.actions {
        if case .permissions(let permissions) = action.step { try set(permissions, action.path) }
      }
      for action in plan.actions {
        if case .remove(let kind) = action.step, kind != .directory { try setAside(action.path) }
      }
    } catch {
      takeBack()
      throw error
    }
  }

  // MARK: Steps

  private func put(_ piece: RestoreStage.Piece) throws {
    let path = piece.path
    try checkpoint(.replace, path)
    let parent = try directories.open(path.parent)
    let (temporary, name) = (cString(piece.temporary), cString(path.name))
    // What appears or goes meanwhile is met again at once.
    for _ in 0..<8 {
      if clbud_rename_if_free(parent.raw, temporary, name) == 0 {
        return done.append(.placed(path, temporary: piece.temporary))
      }
      guard errno == EEXIST else { break }
      if clbud_rename_exchange(parent.raw, temporary, name) == 0 {
        return done.append(.exchanged(path, temporary: piece.temporary))
      }
      guard errno == ENOENT else { break }
    }
    // Some file systems know neither (EINVAL): then it cannot be taken back.
    guard errno == EINVAL || errno == ENOSYS else { throw FileError("replace", path) }
    try retrying("replace", path) { renameat(parent.raw, temporary, parent.raw, name) }
    done.append(.replaced(path))
  }

  private func set(_ permissions: InstalledDatabase.Permissions, _ path: BytePath) throws {
    try checkpoint(.permissions, path)
    let file = try open(path)
    let status = try file.status(path: "/" + path.display)
    // Another name of the file would get them too.
    guard status.kind == .directory || (status.kind == .file && status.links == 1) else {
      throw FileError("set the mode of", path, code: EBUSY)
    }
    done.append(.permissions(path, status.permissions))
    try PermissionSetter.set(permissions, file.raw, path)
  }

  private func open(_ path: BytePath) throws -> Descriptor {
    let parent = try directories.open(path.parent)
    let name = cString(path.name)
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    return Descriptor(owning: try retrying("open", path) { openat(parent.raw, name, flags) })
  }

  private func setAside(_ path: BytePath) throws {
    try checkpoint(.setAside, path)
    let parent = try directories.open(path.parent)
    let temporary = TemporaryName.make(.random(in: 1...UInt64.max))
    let (name, aside) = (cString(path.name), cString(temporary))
    if renameat(parent.raw, name, parent.raw, aside) == 0 {
      return done.append(.setAside(path, temporary: temporary))
    }
    // It has gone by itself.
    guard errno == ENOENT else { throw FileError("remove", path) }
  }

  // MARK: Taking back

  private func takeBack() {
    directories.forget()
    for step in done.reversed() {
      do { try takeBack(step) } catch {
        stuck.append(path(of: step))
        switch step {
        case .exchanged(let path, let temporary), .setAside(let path, let temporary):
          originals[path] = path.parent.appending(temporary)
        case .placed, .replaced, .permissions: break
        }
      }
    }
    done = []
  }

  private func takeBack(_ step: Done) throws {
    switch step {
    case .placed(let path, let temporary):
      let parent = try directories.open(path.parent)
      let (old, new) = (cString(path.name), cString(temporary))
      try retrying("take back", path) { clbud_rename_if_free(parent.raw, old, new) }
    case .exchanged(let path, let temporary):
      let parent = try directories.open(path.parent)
      let (old, new) = (cString(path.name), cString(temporary))
      try retrying("take back", path) { clbud_rename_exchange(parent.raw, old, new) }
    case .setAside(let path, let temporary):
      let parent = try directories.open(path.parent)
      let (old, new) = (cString(temporary), cString(path.name))
      try retrying("take back", path) { renameat(parent.raw, old, parent.raw, new) }
    case .permissions(let path, let former):
      let file = try open(path)
      try PermissionSetter.set(former, file.raw, path)
    case .replaced(let path): throw FileError("take back", path, code: EINVAL)
    }
  }

  private func path(of step: Done) -> BytePath {
    switch step {
    case .placed(let path, _), .exchanged(let path, _), .replaced(let path), .setAside(let path, _),
      .permissions(let path, _):
      path
    }
  }

  // MARK: What is left to do

  /// Removes what has gone, and sets the times: nothing of it can undo what has been restored.
  /// - Returns: what could not be done, in words.
  func finish() -> [String] {
    directories.forget()
    var notes: [String] = []
    func noting(_ body: () throws -> Void) {
      do { try body() } catch { notes.append("\(error)") }
    }
    for step in done {
      switch step {
      case .exchanged(let path, let temporary): noting { try removeFormer(path, temporary) }
      case .setAside(let path, let temporary):
        noting { try TemporaryEntry.remove(temporary, in: path.parent, of: root) }
      case .placed, .replaced, .permissions: break
      }
    }
    for action in plan.actions.reversed() {
      guard case .remove(.directory) = action.step else { continue }
      noting {
        let parent = try directories.open(action.path.parent)
        let name = cString(action.path.name)
        if unlinkat(parent.raw, name, AT_REMOVEDIR) != 0, errno != ENOENT { throw FileError("remove", action.path) }
      }
    }
    for (path, seconds) in plan.times { noting { try setTime(seconds, path) } }
    return notes
  }

  /// Of a directory only what was to go: somebody may have put something into it meanwhile.
  private func removeFormer(_ path: BytePath, _ temporary: [UInt8]) throws {
    let former = path.parent.appending(temporary)
    for action in plan.actions.reversed() where action.step == .removeWith(path) {
      let inner = BytePath(bytes: former.bytes + action.path.bytes.dropFirst(path.bytes.count))
      let parent = try directories.open(inner.parent)
      let name = cString(inner.name)
      if unlinkat(parent.raw, name, 0) != 0, errno == EISDIR { unlinkat(parent.raw, name, AT_REMOVEDIR) }
    }
    directories.forget()
    let parent = try directories.open(path.parent)
    let name = cString(temporary)
    if unlinkat(parent.raw, name, 0) == 0 { return }
    guard errno == EISDIR else { throw FileError("remove", former) }
    try retrying("remove", former) { unlinkat(parent.raw, name, AT_REMOVEDIR) }
  }

  private func setTime(_ seconds: Int64, _ path: BytePath) throws {
    let file = try open(path)
    guard try file.status(path: "/" + path.display).modificationTime != seconds else { return }
    try PermissionSetter.setTime(seconds, file.raw, path)
  }
}
