import LbudArchive
import LbudCore

/// What a commit left on the media.
package struct CommittedSnapshot: Sendable {
  /// What the snapshot holds, for the journal.
  package var entries: SavedEntries
  package var record: SnapshotRecord
  /// Relative to the media: the name that boots, or one in `LBUD/` where another box's overlay was in the way.
  package var name: String
  /// What could not be archived as it is, and what else a person should know, in words.
  package var notes: [String]
  /// The name that the snapshot before has now.
  package var former: String?
  /// The names that this box's overlays under other names have now.
  package var retired: [String]
  /// Other boxes' overlays that were removed.
  package var removed: [String]
  /// Other boxes' overlays that were left, so that this one does not boot.
  package var staying: [String]
  /// Old snapshots that were removed.
  package var dropped: [String]
  /// The setting that has it so; nil where none were removed, or some to make room.
  package var droppedBy: String? = nil
  /// Bytes of the file.
  package var size: UInt64
  package var signature: FileStatus.Signature?
  /// Bytes that the media has left; nil where that cannot be told.
  package var free: UInt64? = nil
  /// What the media looks like now; nil where that cannot be told.
  package var glance: MediaGlance?
  /// What it is to be confirmed by; nil where it is not.
  package var confirmation: Confirmation?
  /// By which an encrypted one is known again; nil for a plain one.
  package var seal: Seal?
}
