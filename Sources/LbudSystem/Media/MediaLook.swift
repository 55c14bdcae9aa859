import LbudArchive
import LbudCore

/// What tells cheaply whether the media may hold something else than when it was looked at.
package struct MediaGlance: Equatable, Sendable {
  /// Whether it is not mounted, and lbud can mount it: then nothing more can be seen.
  package var isAsleep = false
  /// Whether a mount is still to be put back as it was.
  package var isToBePutBack = false
  /// Of the current snapshot; nil where there is none.
  package var current: FileStatus.Signature?
  /// Other names that the boot loader takes.
  package var rivals: [[UInt8]: FileStatus.Signature] = [:]

  package init(isAsleep: Bool = false, current: FileStatus.Signature? = nil) {
    self.isAsleep = isAsleep
    self.current = current
  }
}

/// What the media holds.
package struct MediaLook: Sendable {
  /// What a look at the saved snapshot gave.
  package enum Saved: Sendable {
    /// It is the one that was known before.
    case known
    /// Nil where there is none that could be read.
    case read(SnapshotIndex?)
  }

  package var glance: MediaGlance
  /// The file that holds what this box has saved last: its current snapshot, else one under its former name, else one
  /// that was saved beside another box's. Relative to the media; nil where there is none.
  package var savedName: String?
  package var savedSignature: FileStatus.Signature?
  /// Whether that signature would be another one if somebody had written to the file since.
  package var isSavedSettled = false
  /// By which an encrypted one is known again; nil for a plain one, and for one that was not decrypted.
  package var savedSeal: Seal?
  package var saved: Saved
  /// Why the current snapshot is none.
  package var damage: StoreError?
  /// What the current snapshot is to be confirmed by; nil outside where that could not be read.
  package var confirmation: Confirmation?? = .some(nil)
  /// Whether that was since the folder of the old snapshots cannot be listed: a commit comes to a check of the file system,
  /// and fails where that has not mended it.
  package var isFolderTorn = false
  /// Overlays of this box under other names: the next commit gives them dated ones.
  package var own: [String]
  /// Other boxes' overlays, which may boot instead.
  package var foreign: [String]
  /// Whether nobody has unmounted it cleanly, and it is not checked yet.
  package var isUnclean = false
  /// Bytes that it has left; nil where that cannot be told.
  package var free: UInt64?
  /// What else is worth knowing.
  package var problems: [Problem]

  package init(
    glance: MediaGlance, savedName: String? = nil, savedSignature: FileStatus.Signature? = nil, saved: Saved,
    damage: StoreError? = nil, own: [String] = [], foreign: [String] = [], problems: [Problem] = []
  ) {
    self.glance = glance
    self.savedName = savedName
    self.savedSignature = savedSignature
    self.saved = saved
    self.damage = damage
    self.own = own
    self.foreign = foreign
    self.problems = problems
  }
}

/// What a commit does about another box's overlay.
package enum ForeignOverlays: Sendable {
  /// Nothing is saved: whoever asked can choose.
  case refuse
  /// They are removed once the new snapshot is safe.
  case remove
  /// Saved beside them under a dated name: nobody is there to choose, and nothing must be lost.
  case saveAside
}
