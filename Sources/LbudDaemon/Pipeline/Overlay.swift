import LbudArchive
import LbudCore
import LbudSystem

/// What the pipeline watches. The real one is `OverlayTree`; tests drive the pipeline with one of their own.
protocol Overlay: AnyObject {
  /// Takes in all that has happened by now.
  func update(_ journal: inout Journal, at now: Instant) throws
  /// Looks at everything.
  func rescan(into journal: inout Journal, at now: Instant) throws
  /// Looks for what changes without an event.
  /// - Returns: whether that was a look at everything.
  func lookForUnseen(into journal: inout Journal, at now: Instant) throws -> Bool
  /// Tells the journal everything anew; where it still expects its baseline, reads what it will ask for then.
  func retell(_ journal: inout Journal, at now: Instant) throws
  /// Gives the journal another baseline, and tells it everything anew.
  func retell(_ journal: inout Journal, against saved: SavedEntries, at now: Instant) throws
  func select(_ selection: Selection, into journal: inout Journal, at now: Instant) throws
  func lookAgain(at paths: [BytePath], into journal: inout Journal, at now: Instant) throws
  var entries: [SelectedEntry] { get }
  func stretch(from: ArchiveKey?, upTo: ArchiveKey?) -> OverlayTree.Stretch
  func firstEntry(inside directory: BytePath) -> SelectedEntry?
  /// Files whose inode has other names too.
  var linked: Set<BytePath> { get }
  var selection: Selection { get }
  /// Bytes that an archive of the entries takes at most.
  var archiveBound: UInt64 { get }
  var problems: [Problem] { get }
  /// Whether changes can go unnoticed for want of watches.
  var needsPolling: Bool { get }
}

extension OverlayTree: Overlay {}

/// Where the rules come from; the real ones are `ControlFiles`.
protocol RulesSource {
  func mayHaveChanged() -> Bool
  mutating func load() -> ControlFiles.Loaded
}

extension ControlFiles: RulesSource {}

/// Where snapshots go; the real one is `SnapshotStore`. A glance is cheap; the others take long and may hang with the
/// medium: they are called on a thread of their own.
protocol SnapshotMedia: Sendable {
  var path: String { get }
  var host: String { get }
  var currentName: String { get }
  /// Whether its path is not one inside the root.
  var isOutside: Bool { get }
  /// Whether a commit can copy what has not changed from the snapshot of that name; relative to the media.
  func canCopy(from name: String) -> Bool
  /// What can be seen without reading a snapshot.
  func glance() throws(StoreError) -> MediaGlance
  /// Looks at what is saved, and makes good what a crash has left.
  func look(known: SnapshotStore.Known?, say: @escaping (String) -> Void) throws(StoreError) -> MediaLook
  func commit(_ order: CommitOrder, say: @escaping (String) -> Void) throws(StoreError) -> CommittedSnapshot
}

extension SnapshotMedia {
  var isOutside: Bool { false }
  func canCopy(from name: String) -> Bool { true }
}

extension SnapshotStore: SnapshotMedia {}
