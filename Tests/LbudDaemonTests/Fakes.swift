import LbudArchive
import LbudCore
import Synchronization

@testable import LbudDaemon
@testable import LbudSystem

/// A tree in memory: tests change it, `update` tells the journal.
final class FakeOverlay: Overlay {
  var files: [BytePath: String] = [:]
  var problems: [Problem] = []
  var needsPolling = false
  let selection = Selection(paths: ProtectedPaths(), database: InstalledDatabase())
  private(set) var rescans = 0
  /// Changes that no event tells: only a rescan finds them.
  var unseen: Set<BytePath> = []

  private var touched: Set<BytePath> = []

  func write(_ path: String, _ content: String?) {
    files[BytePath(path)] = content
    touched.insert(BytePath(path))
  }

  func update(_ journal: inout Journal, at now: Instant) throws {
    for path in touched where !unseen.contains(path) { tell(path, &journal, now) }
    touched = unseen
  }

  func rescan(into journal: inout Journal, at now: Instant) throws {
    rescans += 1
    unseen = []
    for path in touched { tell(path, &journal, now) }
    touched = []
  }

  /// As the real one, it looks at more than events tell of.
  func lookForUnseen(into journal: inout Journal, at now: Instant) throws -> Bool {
    try rescan(into: &journal, at: now)
    return true
  }

  func retell(_ journal: inout Journal, at now: Instant) throws {
    for path in files.keys { tell(path, &journal, now) }
  }

  func retell(_ journal: inout Journal, against saved: SavedEntries, at now: Instant) throws {
    journal.replaceBaseline(saved, at: now)
    try retell(&journal, at: now)
  }

  func select(_ selection: Selection, into journal: inout Journal, at now: Instant) throws {
    try retell(&journal, at: now)
  }

  func lookAgain(at paths: [BytePath], into journal: inout Journal, at now: Instant) throws {
    for path in paths { tell(path, &journal, now) }
  }

  var archiveBound: UInt64 { 1024 }

  var entries: [SelectedEntry] {
    files.keys.map { SelectedEntry($0, .file, .added) }.sorted { $0.key < $1.key }
  }

  let linked: Set<BytePath> = []

  func stretch(from: ArchiveKey?, upTo: ArchiveKey?) -> OverlayTree.Stretch {
    var stretch = OverlayTree.Stretch()
    stretch.entries = EntryList(
      entries.filter { entry in (from.map { $0 <= entry.key } ?? true) && (upTo.map { entry.key < $0 } ?? true) })
    return stretch
  }

  func firstEntry(inside directory: BytePath) -> SelectedEntry? {
    entries.first { $0.path.isInside(directory) }
  }

  private func tell(_ path: BytePath, _ journal: inout Journal, _ now: Instant) {
    journal.observe(path, files[path].map(fakeFingerprint), at: now)
  }
}

/// Equal exactly where the contents are.
func fakeFingerprint(_ content: String) -> Fingerprint {
  var digest = Array(content.utf8.prefix(32))
  digest += [UInt8](repeating: 0, count: 32 - digest.count)
  return Fingerprint(
    content: .file(size: UInt64(content.utf8.count), digest: ContentDigest(digest)), mode: 0o644, uid: 0, gid: 0)
}

/// A transaction of apk that is or is not.
final class FakeApk {
  var holder: LockTable.Holder?
}

struct FakeRules: RulesSource {
  func mayHaveChanged() -> Bool { false }
  func load() -> ControlFiles.Loaded {
    ControlFiles.Loaded(
      selection: Selection(paths: ProtectedPaths(), database: InstalledDatabase()), problems: [])
  }
}

/// Media in memory.
final class FakeMedia: SnapshotMedia {
  struct State {
    var saved: [BytePath: Fingerprint]?
    var revision: UInt64 = 0
    var error: StoreError?
    /// Of reading the snapshot alone.
    var readError: StoreError?
    var commits = 0
    var looks = 0
    var isAsleep = false
    var isUnclean = false
    /// Where it is not the current one.
    var savedName: String?
    var own: [String] = []
    var foreign: [String] = []
    /// What a look finds wrong.
    var problems: [Problem] = []
    /// Whether a look cannot tell what is to be confirmed.
    var hidesConfirmation = false
    /// Whether the folder of the old snapshots cannot be listed.
    var isFolderTorn = false
  }

  let state: Mutex<State>
  var path: String { "/media/fake" }
  var host: String { "box" }
  var currentName: String { "box.apkovl.tar.gz" }

  init(saved: [BytePath: Fingerprint]? = nil) {
    state = Mutex(State(saved: saved))
  }

  func glance() throws(StoreError) -> MediaGlance {
    let state = self.state.withLock { $0 }
    if let error = state.error { throw error }
    var glance = MediaGlance(isAsleep: state.isAsleep)
    if !state.isAsleep { glance.current = state.saved.map { _ in Self.signature(state.revision) } }
    for name in state.own + state.foreign { glance.rivals[Array(name.utf8)] = Self.signature(0) }
    return glance
  }

  func look(known: SnapshotStore.Known?, say: @escaping (String) -> Void) throws(StoreError) -> MediaLook {
    let glance = try glance()
    let state = self.state.withLock { state in
      state.looks += 1
      return state
    }
    if let error = state.readError { throw error }
    var look = MediaLook(
      glance: glance, savedName: state.saved.map { _ in state.savedName ?? currentName },
      savedSignature: state.saved.map { _ in Self.signature(state.revision) },
      saved: .read(state.saved.map { SnapshotIndex(entries: SavedEntries($0), record: nil) }), own: state.own,
      foreign: state.foreign, problems: state.problems)
    look.isUnclean = state.isUnclean
    if state.hidesConfirmation || state.isFolderTorn { look.confirmation = nil }
    look.isFolderTorn = state.isFolderTorn
    return look
  }

  func commit(_ order: CommitOrder, say: @escaping (String) -> Void) throws(StoreError) -> CommittedSnapshot {
    throw StoreError("the fake commits by `save`", hint: "")
  }

  /// What a commit of the plan would have left, with the contents as they are given.
  /// - Parameter name: the current one's, unless it is saved aside.
  func save(_ contents: [BytePath: Fingerprint], as name: String? = nil) -> CommittedSnapshot {
    let revision = state.withLock { state in
      state.saved = contents
      state.revision += 1
      state.commits += 1
      return state.revision
    }
    return CommittedSnapshot(
      entries: SavedEntries(contents), record: fakeRecord(contents.count), name: name ?? currentName, notes: [],
      former: nil,
      retired: [], removed: [], staying: state.withLock { $0.foreign }, dropped: [], size: 1,
      signature: Self.signature(revision), glance: try? glance())
  }

  private static func signature(_ revision: UInt64) -> FileStatus.Signature {
    .init(
      identity: FileIdentity(device: 1, inode: revision), size: 1, modified: FileTime(seconds: 0),
      changed: FileTime(seconds: 0))
  }
}

func fakeRecord(_ count: Int) -> SnapshotRecord {
  SnapshotRecord(
    facts: SnapshotFacts(host: "box", time: 0, reason: "idle", uid: 0, changedCount: count), entryCount: count,
    tarSize: 0, tarSHA256: "", compressedSize: 0, spans: nil)
}
