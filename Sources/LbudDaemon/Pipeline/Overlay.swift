import LbudArchive
import LbudCore
import LbudSystem

/// What the pipeline watches. The real one is `OverlayTree`; tests drive the pipeline with one of their own.
protocol Overlay: AnyObject {
  /// Takes in all that has happened by now.
  func update(_ journal: inout Journal, at now: Instant) throws
  /// Looks at everything.
  func rescan(into journal: inout Journal, at now: Instant) throws
  /// Tells the journal everything anew.
  func retell(_ journal: inout Journal, at now: Instant) throws
  func select(_ selection: Selection, into journal: inout Journal, at now: Instant) throws
  func lookAgain(at paths: [BytePath], into journal: inout Journal, at now: Instant) throws
  var entries: [SelectedEntry] { get }
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

/// Where snapshots go; the real one is `SnapshotStore`.
protocol SnapshotMedia: Sendable {
  var path: String { get }
  var host: String { get }
  var currentName: String { get }
  func currentSignature() throws(StoreError) -> FileStatus.Signature?
  func readCurrent() throws(StoreError) -> SnapshotIndex?
  /// Makes good what a crash has left; tells what is worth knowing.
  func recover() throws(StoreError) -> [Problem]
  /// Why a commit would be refused; nil where nothing speaks against it.
  func obstacle() throws(StoreError) -> StoreError?
  func commit(
    _ entries: [SelectedEntry], facts: SnapshotFacts, say: @escaping (String) -> Void
  ) throws(StoreError) -> CommittedSnapshot
}

extension SnapshotStore: SnapshotMedia {}
