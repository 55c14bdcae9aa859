/// Makes a plan; see `RestorePlan`.
struct RestorePlanner {
  private typealias Action = RestorePlan.Action

  private let request: RestoreRequest
  private let saved: [BytePath: SavedEntry]
  private let running: RunningState
  private let directories: [BytePath: InstalledDatabase.Permissions]
  /// Of what the snapshot has, what is asked for, parents first.
  private let wanted: [BytePath]
  /// The directories above those.
  private let above: Set<BytePath>

  private var actions: [BytePath: Action] = [:]
  private var removed: [BytePath: FileKind] = [:]
  private var times: [BytePath: Int64] = [:]
  private var notes: [RestoreNote] = []
  /// What is reached through a symlink that stays: nothing is written there.
  private var behindLinks: Set<BytePath> = []

  init(
    _ request: RestoreRequest, _ saved: [BytePath: SavedEntry], _ running: RunningState,
    _ directories: [BytePath: InstalledDatabase.Permissions]
  ) {
    self.request = request
    self.saved = saved
    self.running = running
    self.directories = directories
    wanted = saved.keys.filter(request.includes).sorted()
    var above: Set<BytePath> = []
    for path in wanted {
      var directory = path.parent
      while !directory.isRoot, above.insert(directory).inserted { directory = directory.parent }
    }
    self.above = above
  }

  /// - Throws: `RestoreRefusal` for a path of which there is nothing to be done.
  func expectAll(_ selected: [SelectedNow], _ isPackaged: (BytePath) -> Bool) throws(RestoreRefusal) {
    let there = request.deletes ? selected.map(\.path) : []
    for path in request.paths where !path.isRoot && saved[path] == nil && !above.contains(path) {
      guard !there.contains(where: { $0.isInside(path) }) else { continue }
      throw .notHeld(path, isPackaged: isPackaged(path))
    }
  }

  func plan() -> RestorePlan {
    var plan = RestorePlan()
    plan.actions = actions.values.sorted { $0.path < $1.path }
    plan.times = times.sorted { $1.key < $0.key }.map { (path: $0.key, seconds: $0.value) }
    plan.notes = notes
    return plan
  }

  // MARK: Removing

  /// Decides on all that is there now and not in the snapshot.
  mutating func remove(_ selected: [SelectedNow], _ then: RuleReach?) {
    for entry in selected where request.includes(entry.path) && saved[entry.path] == nil {
      if running.behindLinks[entry.path]?.fingerprint != nil { notes.append(.behindLink(entry.path)) }
      guard let now = running.entries[entry.path] else { continue }
      // No archive can hold one, so that it says nothing that the snapshot does not.
      guard entry.kind != .socket else { continue }
      if now.isMountPoint || running.foreign.contains(entry.path.parent) {
        notes.append(.mounted(entry.path))
      } else if let packaged = entry.packaged {
        restore(entry, now, packaged)
      } else if let then, !then.reaches(entry.path, entry.kind) {
        notes.append(.outOfReach(entry.path))
      } else {
        removed[entry.path] = now.kind
      }
    }
    keepDirectoriesThatAreNotEmpty()
    for (path, kind) in removed { actions[path] = Action(path, .deleted, .remove(kind)) }
  }

  /// Of what a package brought only mode and owner are known as they were.
  private mutating func restore(
    _ entry: SelectedNow, _ now: RunningEntry, _ packaged: InstalledDatabase.Permissions
  ) {
    let isOnlyMetadata = entry.reason == .metadata || entry.reason == .directoryMetadata
    guard isOnlyMetadata, now.links == 1 || now.kind == .directory, now.kind == .file || now.kind == .directory else {
      return notes.append(.package(entry.path))
    }
    actions[entry.path] = Action(entry.path, .metadata, .permissions(packaged))
  }

  private mutating func keepDirectoriesThatAreNotEmpty() {
    // The deepest first: one that stays keeps those above it.
    for path in removed.keys.sorted().reversed() where removed[path] == .directory {
      if above.contains(path) {
        removed[path] = nil
      } else if (running.trees[path] ?? []).contains(where: { removed[$0] == nil }) {
        removed[path] = nil
        notes.append(.notEmpty(path))
      }
    }
  }

  // MARK: Restoring

  /// Decides on all that the snapshot has of what is asked for.
  /// - Throws: `RestoreRefusal` where something is in the way.
  mutating func restore() throws(RestoreRefusal) {
    for path in wanted {
      guard let entry = saved[path] else { continue }
      if let link = linkThatStays(above: path) {
        try leave(path, entry, behind: link)
        continue
      }
      try makeWay(for: path)
      let now = running.entries[path]
      guard let now, now.fingerprint == entry.fingerprint else {
        try change(path, entry, now)
        continue
      }
      if now.modificationTime != entry.modificationTime, now.kind == .directory || (now.kind == .file && now.links == 1)
      {
        times[path] = entry.modificationTime
      }
    }
    keepHardLinks()
    keepTimesOfDirectories()
  }

  /// The symlink that leads to a path and is not itself replaced by a directory, with which all that is in it comes anew.
  private func linkThatStays(above path: BytePath) -> BytePath? {
    var directory = path.parent
    while !directory.isRoot {
      if actions[directory] != nil || removed[directory] != nil { return nil }
      // There is nothing in the state of what is below a symlink.
      if let now = running.entries[directory] { return now.kind == .symlink ? directory : nil }
      directory = directory.parent
    }
    return nil
  }

  /// - Throws: `RestoreRefusal` where just that is asked for, and is not as the snapshot has it.
  private mutating func leave(
    _ path: BytePath, _ entry: SavedEntry, behind link: BytePath
  ) throws(RestoreRefusal) {
    behindLinks.insert(path)
    let place = running.behindLinks[path]
    guard place?.fingerprint != entry.fingerprint else { return }
    let twin = place?.path.flatMap { saved[$0]?.fingerprint == entry.fingerprint ? $0 : nil }
    // It is restored where it is.
    if let twin, request.includes(twin) { return }
    if request.paths.contains(where: { !$0.isRoot && $0.isInside(link) && path.isInside($0) }) {
      let isDirectoryThere = saved[link]?.fingerprint.kind == .directory
      throw .behindLink(path, link: link, instead: isDirectoryThere ? link : twin, place: place?.path)
    }
    notes.append(.differsBehindLink(path, place: place?.path))
  }

  private mutating func change(_ path: BytePath, _ entry: SavedEntry, _ now: RunningEntry?) throws(RestoreRefusal) {
    let permissions = InstalledDatabase.Permissions(
      mode: entry.fingerprint.mode, uid: entry.fingerprint.uid, gid: entry.fingerprint.gid)
    let isDirectory = entry.fingerprint.kind == .directory
    guard let now else {
      actions[path] = Action(
        path, .added, isDirectory ? .makeDirectory(permissions) : .put(origin: entry.origin))
      return
    }
    let kind: Change.Kind = now.fingerprint.content == entry.fingerprint.content ? .metadata : .modified
    // In place only what has no other name, which would change with it, and can be opened without harm.
    if kind == .metadata, isDirectory || (now.kind == .file && now.links == 1) {
      actions[path] = Action(path, kind, .permissions(permissions))
      if !isDirectory { times[path] = entry.modificationTime }
      return
    }
    guard !now.isMountPoint else { throw .mountPoint(path) }
    if now.kind == .directory { try clear(path) }
    actions[path] = Action(path, kind, isDirectory ? .makeDirectory(permissions) : .put(origin: entry.origin))
  }

  /// All that is in a directory whose place a file takes.
  private mutating func clear(_ path: BytePath) throws(RestoreRefusal) {
    let tree = running.trees[path] ?? []
    guard tree.isEmpty || request.deletes else { throw .directoryInTheWay(path) }
    if let other = tree.first(where: { removed[$0] == nil }) { throw .directoryHoldsOther(path, other: other) }
    for inner in tree { actions[inner] = Action(inner, .deleted, .removeWith(path)) }
  }

  /// The directories above a path that the snapshot does not have itself, since their packages bring them, or that are not
  /// asked for.
  private mutating func makeWay(for path: BytePath) throws(RestoreRefusal) {
    var missing: [BytePath] = []
    var directory = path.parent
    while !directory.isRoot, actions[directory]?.makesDirectory != true, running.entries[directory]?.kind != .directory
    {
      missing.append(directory)
      directory = directory.parent
    }
    for directory in missing.reversed() {
      let now = running.entries[directory]
      if let now, removed[directory] == nil { throw .noDirectory(directory, now.kind, needed: path) }
      let permissions =
        saved[directory].map { .init(mode: $0.fingerprint.mode, uid: $0.fingerprint.uid, gid: $0.fingerprint.gid) }
        ?? directories[directory] ?? InstalledDatabase.Permissions(mode: 0o755, uid: 0, gid: 0)
      removed[directory] = nil
      actions[directory] = Action(directory, now == nil ? .added : .modified, .makeDirectory(permissions))
    }
  }

  /// Where one name of a file is made anew, its other names are too: they stay one file.
  private mutating func keepHardLinks() {
    let anew = Set(
      actions.values.compactMap { action in
        if case .put(let origin) = action.step { return origin }
        return nil
      })
    for path in wanted {
      guard let entry = saved[path], anew.contains(entry.origin), !behindLinks.contains(path) else { continue }
      if case .put? = actions[path]?.step { continue }
      // What is mounted on stays, with the content that it has to have.
      if running.entries[path]?.isMountPoint == true { continue }
      actions[path] = Action(path, actions[path]?.kind, .put(origin: entry.origin))
      times[path] = nil
    }
  }

  /// What is put into a directory, and taken out of it, moves its time.
  private mutating func keepTimesOfDirectories() {
    for path in wanted where saved[path]?.fingerprint.kind == .directory && !behindLinks.contains(path) {
      times[path] = saved[path]?.modificationTime
    }
  }
}

extension RestorePlan {
  init() {}
}

extension RestorePlan.Action {
  fileprivate var makesDirectory: Bool {
    if case .makeDirectory = step { return true }
    return false
  }
}
