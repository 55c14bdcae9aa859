import LbudArchive
import LbudCore

/// What a snapshot is made of.
package struct CommitRecipe: Sendable {
  /// A stretch of the archive.
  package enum Part: Sendable {
    /// Read from the running system, in archive order.
    case made(EntryList)
    /// Spans of the base, as they are.
    case copied(Range<Int>)
  }

  /// The snapshot that spans are copied from: the file that is known to hold these entries.
  package struct Base: Sendable {
    /// Relative to the media.
    package var name: String
    package var record: SnapshotRecord
    package var entries: SavedEntries

    package init(name: String, record: SnapshotRecord, entries: SavedEntries) {
      self.name = name
      self.record = record
      self.entries = entries
    }
  }

  package var parts: [Part]
  package var base: Base?
  /// Bytes that the archive has at most.
  package var bound: UInt64
  /// In bytes of tar.
  package var spanSize: Int

  package init(parts: [Part], base: Base?, bound: UInt64, spanSize: Int) {
    self.parts = parts
    self.base = base
    self.bound = bound
    self.spanSize = spanSize
  }

  /// Everything is read from the running system.
  package init(_ entries: [SelectedEntry], bound: UInt64 = 0) {
    self.init(
      parts: [.made(EntryList(entries))], base: nil, bound: bound, spanSize: SnapshotRecord.spanSize(tarSize: bound))
  }
}
