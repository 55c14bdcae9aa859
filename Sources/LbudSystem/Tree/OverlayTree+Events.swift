import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Following events.
extension OverlayTree {
  /// Takes in all that has happened by the time of the call, so that a reader sees every write that returned before.
  /// - Throws: `FileError` where the root directory itself cannot be read.
  package func update(_ journal: inout Journal, at now: Instant) throws {
    // A look can find that a directory has moved on; its events are queued by then. A tree that never rests is left
    // after some rounds: what is still to come has happened after the call.
    for _ in 0..<8 {
      let touched = try collectEvents()
      if overflowed {
        overflowed = false
        lostEvents += 1
        try rescanAfterLoss(&journal, now)
        continue
      }
      if touched.isEmpty { break }
      try follow(touched, &journal, now)
    }
    for directory in Array(unwatched.values) { pendingScans.append((directory, .shallowRescan)) }
    for path in unreadable.keys.prefix(100) {
      if let directory = directory(at: path) {
        pendingScans.append((directory, .rescan))
      } else {
        try lookAgain(at: path, into: &journal, at: now)
      }
    }
    try finishLooking(&journal, now)
    if controlsWereTouched {
      controlsWereTouched = false
      try watchControls()
    }
  }

  private struct Touched {
    var directory: WatchedDirectory
    var names: Set<[UInt8]> = []
  }

  private func collectEvents() throws -> [ObjectIdentifier: Touched] {
    var touched: [ObjectIdentifier: Touched] = [:]
    func touch(_ directory: WatchedDirectory, _ name: [UInt8]) {
      guard directory.isAttached else { return }
      touched[ObjectIdentifier(directory), default: Touched(directory: directory)].names.insert(name)
    }
    try inotify.drain { event in
      if event.mask.contains(.queueOverflow) { overflowed = true }
      guard let listeners = watches[event.watch] else { return }
      if listeners.wakes { controlsWereTouched = true }
      if event.mask.contains(.watchRemoved) {
        for directory in watches.removeAll(of: event.watch)?.directories ?? [] {
          directory.watch = nil
          if directory.isAttached, let parent = directory.parent { touch(parent, directory.name) }
        }
      } else if event.name.isEmpty {
        // About the directory itself: its parent's view of it is what counts.
        for directory in listeners.directories where directory.isAttached {
          if let parent = directory.parent { touch(parent, directory.name) }
        }
      } else {
        for directory in listeners.directories { touch(directory, event.name) }
      }
    }
    return touched
  }

  /// Parents first: what is below a directory that is gone need not be looked at.
  private func follow(_ touched: [ObjectIdentifier: Touched], _ journal: inout Journal, _ now: Instant) throws {
    for group in touched.values.sorted(by: { $0.directory.depthIfAttached < $1.directory.depthIfAttached })
    where group.directory.isAttached {
      try look(atNames: group.names, in: group.directory, .event, &journal, now)
    }
    try finishLooking(&journal, now)
  }

  /// Events were lost, nobody knows of what. Files whose content was settled would show a later write in their
  /// signature, and the others are read again by any rescan.
  private func rescanAfterLoss(_ journal: inout Journal, _ now: Instant) throws {
    try rescan(into: &journal, at: now)
  }

  // MARK: Watches

  func watch(_ directory: WatchedDirectory, _ descriptor: borrowing Descriptor, _ path: BytePath) {
    do {
      let watch = try inotify.watch(descriptor, path: systemPath(path))
      if let former = directory.watch, former != watch, watches.remove(directory, from: former) {
        inotify.remove(former)
      }
      directory.watch = watch
      watches.add(directory, to: watch)
      unwatched[ObjectIdentifier(directory)] = nil
    } catch {
      if let former = directory.watch, watches.remove(directory, from: former) { inotify.remove(former) }
      directory.watch = nil
      // Removed since it was opened: its parent's event tells. Whatever else is wrong (ENOSPC: the limit is reached), it
      // can be looked at.
      if error.code != ENOENT { unwatched[ObjectIdentifier(directory)] = directory }
    }
  }

  /// Watches the directories that lead to control files and to included paths outside the walk, so that a change there
  /// wakes lbud up. What has changed is then found by looking.
  func watchControls() throws {
    var kept: Set<Int32> = []
    for path in ControlFiles.paths + included.paths.filter({ directory(at: $0.parent) == nil }) {
      var ancestor = path.parent
      while true {
        if let watch = wakingWatch(ancestor) {
          watches.addWake(to: watch)
          kept.insert(watch)
        }
        if ancestor.isRoot { break }
        ancestor = ancestor.parent
      }
    }
    for watch in watches.removeWakes(except: kept) { inotify.remove(watch) }
  }

  /// The watch of a directory that may not exist or not be readable; then that of its parents must do.
  private func wakingWatch(_ path: BytePath) -> Int32? {
    guard let descriptor = try? root.open(path.bytes, O_RDONLY | O_DIRECTORY) else { return nil }
    return try? inotify.watch(descriptor, path: systemPath(path))
  }

  func systemPath(_ path: BytePath) -> [UInt8] {
    Array((root.isSystemRoot ? "/" : root.path + "/").utf8) + path.bytes
  }
}

extension OverlayTree.Look {
  /// For directories without a watch.
  static let shallowRescan = OverlayTree.Look(trustsSignatures: true, retells: false, isDeep: false)
}

extension WatchedDirectory {
  fileprivate var depthIfAttached: Int { isAttached ? depth : 0 }
}
