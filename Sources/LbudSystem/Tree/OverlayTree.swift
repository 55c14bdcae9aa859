import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Everything that a snapshot can hold, watched by inotify.
///
/// The tree tells a journal what a snapshot made now would hold. After any sequence of changes, once `update` has
/// returned, the journal says what a full scan would say: each directory is listed after its watch is in place, and
/// every event leads to another look at the name it is about, never to a conclusion from the event alone.
///
/// A tree belongs to one owner and does blocking calls; it is not Sendable.
package final class OverlayTree {
  package let root: RootDirectory
  package private(set) var selection: Selection
  let inotify: Inotify
  let top: WatchedDirectory
  var watches = WatchTable()
  var included: IncludedPaths
  /// Directories to be listed, each with how it is to be done.
  var pendingScans: [(WatchedDirectory, Look)] = []
  /// What could not be read: saving without it could lose what the last snapshot holds.
  var unreadable: [BytePath: FileError] = [:]
  /// Directories without a watch, since the kernel has no more: they are looked at each time.
  var unwatched: [ObjectIdentifier: WatchedDirectory] = [:]
  var overflowed = false
  /// Whether everything has been looked at once.
  private(set) var hasLooked = false
  /// Something happened on the way to a control file or an included path: the way may be another one now.
  var controlsWereTouched = false
  /// Files whose inode has other names too, as far as a snapshot holds them: a change through another name is no event here.
  package internal(set) var linked: Set<BytePath> = []
  /// The devices that were met, and whether inotify tells of every change there.
  var devices: [UInt64: Bool] = [:]
  /// The mounts, and as they were at the last look at everything.
  let mountWatch = MountWatch()
  private(set) var mounts: MountTable?
  /// Entries whose path is longer than apk looks at.
  var tooLong: Set<BytePath> = []
  /// How often the queue has overflowed.
  package internal(set) var lostEvents = 0

  /// How much of what is known may be believed when something is looked at again.
  struct Look {
    /// An unchanged signature means unchanged content. Not after an event: two writes can share a timestamp.
    var trustsSignatures: Bool
    /// The journal is told again what it was told before: it has another baseline, or the rules are others.
    var retells: Bool
    /// All below is looked at too.
    var isDeep: Bool

    static let event = Look(trustsSignatures: false, retells: false, isDeep: false)
    static let rescan = Look(trustsSignatures: true, retells: false, isDeep: true)
    static let retelling = Look(trustsSignatures: true, retells: true, isDeep: true)
  }

  /// PATH_MAX, less the NUL and the slash of a directory: apk's audit passes over what is longer (apk-tools
  /// `app_audit.c`).
  static let longestPath = 4094

  /// Opens the watch; nothing is looked at before the first `rescan`.
  /// - Throws: `FileError`.
  package init(root: RootDirectory, selection: Selection) throws(FileError) {
    self.root = root
    self.selection = selection
    inotify = try Inotify()
    let status = try root.descriptor.status(path: root.path)
    top = WatchedDirectory(
      parent: nil, name: [], scope: selection.rootScope, identity: status.identity, permissions: status.permissions)
    included = IncludedPaths(lines: selection.paths.included)
  }

  /// For poll(2): readable when something has changed.
  package var rawDescriptor: Int32 { inotify.rawDescriptor }

  /// Whether something changed in a way that no watch can tell, for want of watches.
  package var needsPolling: Bool { !unwatched.isEmpty }

  /// Looks at everything, believing unchanged signatures.
  /// - Throws: `FileError` where the root directory itself cannot be read.
  package func rescan(into journal: inout Journal, at now: Instant) throws {
    mounts = mountWatch.table()
    try lookAtAll(.rescan, &journal, now)
  }

  /// Looks at everything for the first time, before there is a journal to tell: `retell` tells it.
  /// - Throws: `FileError` where the root directory itself cannot be read.
  package func list(at now: Instant) throws {
    var nobody = Journal()
    nobody.expectsBaseline = true
    try rescan(into: &nobody, at: now)
  }

  /// Follows other rules or another package database from now on.
  package func select(_ selection: Selection, into journal: inout Journal, at now: Instant) throws {
    self.selection = selection
    for path in included.replace(lines: selection.paths.included) {
      unreadable[path] = nil
      journal.observe(path, nil, at: now)
    }
    top.scope = selection.rootScope
    try lookAtAll(.retelling, &journal, now)
  }

  /// Looks again at single paths, whatever is known of them.
  package func lookAgain(at paths: [BytePath], into journal: inout Journal, at now: Instant) throws {
    for path in paths { try lookAgain(at: path, into: &journal, at: now) }
    try finishLooking(&journal, now)
  }

  func lookAgain(at path: BytePath, into journal: inout Journal, at now: Instant) throws {
    if let parent = directory(at: path.parent) {
      try look(atNames: [path.name], in: parent, .event, &journal, now)
    } else if included.contains(path) {
      // Looked at with the included paths; with nothing known of it, the journal is told.
      included.known[path] = nil
    } else {
      unreadable[path] = nil
      journal.observe(path, nil, at: now)
    }
  }

  /// The directory of the walk at a path; nil where the walk does not go.
  func directory(at path: BytePath) -> WatchedDirectory? {
    var current = top
    for component in path.components {
      guard let next = current.directories[component] else { return nil }
      current = next
    }
    return current
  }

  func lookAtAll(_ look: Look, _ journal: inout Journal, _ now: Instant) throws {
    pendingScans.append((top, look))
    try finishLooking(&journal, now, included: look)
    try watchControls()
    hasLooked = true
  }
}

extension OverlayTree {
  /// What is wrong with the tree, in words.
  package var problems: [Problem] {
    var problems = unreadable.sorted { $0.key < $1.key }.prefix(20).map { path, error in
      Problem(
        .blocking, subject: "/" + path.display, "cannot be read: \(error.reason)",
        remedy: "mend it, or leave it out by the line -\(path.display) in lbu.list")
    }
    if unreadable.count > 20 {
      problems.append(
        Problem(
          .blocking, subject: "/", "\(unreadable.count - 20) more paths cannot be read", remedy: "see the paths above"))
    }
    if let first = tooLong.min() {
      problems.append(
        Problem(
          .warning, subject: "/" + displayText(of: first.bytes.prefix(60)) + "...",
          "\(tooLong.count) paths of more than \(Self.longestPath) bytes are left out, as apk leaves them out",
          remedy: "shorten them"))
    }
    if needsPolling {
      problems.append(
        Problem(
          .degraded, subject: "inotify",
          "\(unwatched.count) directories have no watch: the limit fs.inotify.max_user_watches is reached",
          remedy: "they are looked at from time to time; raise it: sysctl -w fs.inotify.max_user_watches=524288"))
    }
    return problems
  }
}
