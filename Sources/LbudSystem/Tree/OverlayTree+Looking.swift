import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Looking at directories and files, and telling the journal.
extension OverlayTree {
  /// Works off what is to be listed, then the included paths that the walk does not reach.
  func finishLooking(_ journal: inout Journal, _ now: Instant, included look: Look = .rescan) throws {
    while let (directory, look) = pendingScans.popLast() {
      if directory.isAttached { try scan(directory, look, &journal, now) }
    }
    lookAtIncluded(look, &journal, now)
  }

  /// Opens a directory, watches it, then lists it: what is made between the two is seen by one or the other.
  private func scan(_ directory: WatchedDirectory, _ look: Look, _ journal: inout Journal, _ now: Instant) throws {
    let path = directory.path
    guard let descriptor = try open(directory, path, &journal, now) else { return }
    directory.identity = try descriptor.status(path: "/" + path.display).identity
    meet(directory.identity.device, descriptor)
    watch(directory, descriptor, path)
    var names: NameList
    do {
      names = try descriptor.list(path: path)
    } catch {
      return setUnreadable(path, error)
    }
    names.sort()
    unreadable[path] = nil
    if !unreadable.isEmpty {
      unreadable = unreadable.filter { $0.key.parent != path || names.contains($0.key.name) }
    }
    if !tooLong.isEmpty { tooLong = tooLong.filter { $0.parent != path || names.contains($0.name) } }
    for name in directory.files.names(absentFrom: names) + directory.directories.keys.filter({ !names.contains($0) }) {
      forget(name, in: directory, &journal, now)
    }
    if directory.files.isEmpty { directory.files.reserve(files: names.count, bytesOfNames: names.byteCount) }
    self.look(at: names, in: directory, descriptor, path, look, &journal, now)
    directory.files.fit()
  }

  /// Looks at all names of a directory that has just been listed.
  private func look(
    at names: NameList, in directory: WatchedDirectory, _ descriptor: borrowing Descriptor, _ path: BytePath,
    _ look: Look, _ journal: inout Journal, _ now: Instant
  ) {
    // Of a file that is as it was there is nothing to tell, unless it was not to be read.
    let passesOver = look.trustsSignatures && !look.retells && unreadable.isEmpty
    for index in 0..<names.count {
      let stamp = SystemClock.fileStamp()
      let seen: Result<FileStatus?, FileError>
      do throws(FileError) {
        seen = .success(try names.status(at: index, in: descriptor, path: path))
      } catch {
        seen = .failure(error)
      }
      if passesOver, case .success(let status?) = seen, status.kind != .directory,
        names.withBytes(at: index, { directory.files.holds($0, settledAs: status.signature) })
      {
        continue
      }
      self.look(at: names[index], in: directory, descriptor, path, seen, stamp, look, &journal, now)
    }
  }

  /// - Returns: nil where it cannot be opened; what that means has been seen to.
  private func open(
    _ directory: WatchedDirectory, _ path: BytePath, _ journal: inout Journal, _ now: Instant
  ) throws -> Descriptor? {
    do {
      return try root.openWithoutLinks(path)
    } catch {
      switch error.code {
      case ENOENT, ENOTDIR, ELOOP: try replaced(directory, &journal, now, error)
      default: setUnreadable(path, error)
      }
      return nil
    }
  }

  /// Something else, or nothing, is where the directory was: its parent tells.
  private func replaced(
    _ directory: WatchedDirectory, _ journal: inout Journal, _ now: Instant, _ error: FileError
  ) throws {
    guard let parent = directory.parent else { throw error }
    try look(atNames: [directory.name], in: parent, .event, &journal, now)
  }

  /// Looks at some names of a directory that is listed already.
  func look(
    atNames names: some Collection<[UInt8]>, in directory: WatchedDirectory, _ look: Look, _ journal: inout Journal,
    _ now: Instant
  ) throws {
    let path = directory.path
    guard let descriptor = try open(directory, path, &journal, now) else { return }
    // Another directory of that name: the one that is known has moved, and all of this one is news.
    guard try descriptor.status(path: "/" + path.display).identity == directory.identity else {
      return pendingScans.append((directory, .rescan))
    }
    self.look(at: names, in: directory, descriptor, path, look, &journal, now)
  }

  private func look(
    at names: some Collection<[UInt8]>, in directory: WatchedDirectory, _ descriptor: borrowing Descriptor,
    _ path: BytePath, _ look: Look, _ journal: inout Journal, _ now: Instant
  ) {
    for name in names {
      let stamp = SystemClock.fileStamp()
      let seen: Result<FileStatus?, FileError>
      do throws(FileError) {
        seen = .success(try descriptor.status(of: name, path: path.appending(name)))
      } catch {
        seen = .failure(error)
      }
      self.look(at: name, in: directory, descriptor, path, seen, stamp, look, &journal, now)
    }
  }

  /// - Parameter stamp: taken before the status.
  private func look(
    at name: [UInt8], in directory: WatchedDirectory, _ descriptor: borrowing Descriptor, _ path: BytePath,
    _ seen: Result<FileStatus?, FileError>, _ stamp: FileTime, _ look: Look, _ journal: inout Journal, _ now: Instant
  ) {
    // What a restore has beside its places for a moment is never part of a snapshot.
    guard !TemporaryName.isOne(name) else { return }
    let entry = path.appending(name)
    guard entry.bytes.count <= Self.longestPath else {
      tooLong.insert(entry)
      return
    }
    do throws(FileError) {
      try take(try seen.get(), of: name, entry, in: directory, descriptor, stamp, look, &journal, now)
      // Of a directory only its listing tells.
      if !unreadable.isEmpty, directory.directories[name] == nil { unreadable[entry] = nil }
    } catch {
      setUnreadable(entry, error)
    }
  }

  private func take(
    _ status: FileStatus?, of name: [UInt8], _ path: BytePath, in directory: WatchedDirectory,
    _ descriptor: borrowing Descriptor, _ stamp: FileTime, _ look: Look, _ journal: inout Journal, _ now: Instant
  ) throws(FileError) {
    guard let status else { return forget(name, in: directory, &journal, now) }
    if status.kind == .directory {
      directory.files[name] = nil
      note(path, nil)
      return try lookAtDirectory(name, path, in: directory, descriptor, status, look, &journal, now)
    }
    if let former = directory.directories[name] { detach(former, &journal, now) }
    let known = directory.files[name]
    let examiner = FileExaminer(
      selection: selection, scope: directory.scope, isIncluded: included.contains(path), look: look, stamp: stamp)
    let found = try examiner.examine(name, path, descriptor, status, known: known, &journal, now)
    directory.files[name] = found
    note(path, found)
  }

  private func lookAtDirectory(
    _ name: [UInt8], _ path: BytePath, in parent: WatchedDirectory, _ descriptor: borrowing Descriptor,
    _ status: FileStatus, _ look: Look, _ journal: inout Journal, _ now: Instant
  ) throws(FileError) {
    let scope = parent.scope.directory(named: name)
    guard scope.descends else {
      if let former = parent.directories[name] { detach(former, &journal, now) }
      journal.observe(path, nil, at: now)
      return
    }
    let known = parent.directories[name]
    let directory =
      known
      ?? WatchedDirectory(
        parent: parent, name: name, scope: scope, identity: status.identity, permissions: status.permissions)
    parent.directories[name] = directory
    directory.scope = scope
    directory.permissions = status.permissions
    directory.reason = selection.reason(directory: path, permissions: status.permissions, scope: scope)
    journal.observe(path, directory.reason == nil ? nil : directory.fingerprint, at: now)

    if look.isDeep {
      pendingScans.append((directory, look))
    } else if unreadable[path] != nil {
      // What happened in it meanwhile was not seen.
      pendingScans.append((directory, .rescan))
    } else {
      if known != nil, try isStillWatched(directory, name, path, descriptor, status) { return }
      pendingScans.append((directory, .rescan))
    }
  }

  /// Whether the directory of that name is the one the watch is on. The inode's number alone cannot tell: a new
  /// directory may have got the number of a removed one.
  private func isStillWatched(
    _ directory: WatchedDirectory, _ name: [UInt8], _ path: BytePath, _ parent: borrowing Descriptor,
    _ status: FileStatus
  ) throws(FileError) -> Bool {
    guard directory.identity == status.identity else { return false }
    // One without a watch is looked at in each update anyway.
    guard let watch = directory.watch else { return unwatched[ObjectIdentifier(directory)] != nil }
    let raw = parent.raw
    let terminated = cString(name)
    let opened = openat(raw, terminated, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    // Gone or replaced since: a further event says so.
    guard opened >= 0 else { return errno == ENOENT || errno == ENOTDIR || errno == ELOOP }
    let descriptor = Descriptor(owning: opened)
    return (try? inotify.watch(descriptor, path: systemPath(path))) == watch
  }

  // MARK: Leaving

  func forget(_ name: [UInt8], in directory: WatchedDirectory, _ journal: inout Journal, _ now: Instant) {
    directory.files[name] = nil
    if let former = directory.directories[name] { detach(former, &journal, now) }
    let path = directory.path.appending(name)
    unreadable[path] = nil
    note(path, nil)
    journal.observe(path, nil, at: now)
  }

  func detach(_ directory: WatchedDirectory, _ journal: inout Journal, _ now: Instant) {
    directory.forEach { gone in
      let path = gone.path
      journal.observe(path, nil, at: now)
      for name in gone.files.keys { journal.observe(path.appending(name), nil, at: now) }
    }
    let path = directory.path
    if !unreadable.isEmpty { unreadable = unreadable.filter { !$0.key.isInside(path) } }
    if !tooLong.isEmpty { tooLong = tooLong.filter { !$0.isInside(path) } }
    if !linked.isEmpty { linked = linked.filter { !$0.isInside(path) } }
    directory.forEach { gone in
      gone.isAttached = false
      unwatched[ObjectIdentifier(gone)] = nil
      if let watch = gone.watch, watches.remove(gone, from: watch) { inotify.remove(watch) }
      gone.watch = nil
    }
    directory.parent?.directories[directory.name] = nil
  }

  private func setUnreadable(_ path: BytePath, _ error: FileError) { unreadable[path] = error }
}
