/// What a snapshot says of a path.
package struct SavedEntry: Hashable, Sendable {
  /// A file's with its digest. That of a hard link is the file's.
  package var fingerprint: Fingerprint
  /// Seconds since 1970.
  package var modificationTime: Int64
  /// Which entry of the archive has the content: paths that share it are hard links of one file.
  package var origin: Int

  package init(fingerprint: Fingerprint, modificationTime: Int64, origin: Int) {
    self.fingerprint = fingerprint
    self.modificationTime = modificationTime
    self.origin = origin
  }
}

/// What is at a path of the running system, symlinks not followed.
package struct RunningEntry: Hashable, Sendable {
  /// A file's has the digest where the snapshot has a file of the same size there.
  package var fingerprint: Fingerprint
  /// Seconds since 1970.
  package var modificationTime: Int64
  /// How many names the file has.
  package var links: UInt64
  /// Whether something is mounted there: it can be neither replaced nor removed.
  package var isMountPoint: Bool

  package init(
    fingerprint: Fingerprint, modificationTime: Int64, links: UInt64 = 1, isMountPoint: Bool = false
  ) {
    self.fingerprint = fingerprint
    self.modificationTime = modificationTime
    self.links = links
    self.isMountPoint = isMountPoint
  }

  var kind: FileKind { fingerprint.kind }

  var permissions: InstalledDatabase.Permissions {
    .init(mode: fingerprint.mode, uid: fingerprint.uid, gid: fingerprint.gid)
  }
}

/// The running system, as far as a restore is concerned with it.
package struct RunningState: Sendable {
  /// At the paths of the snapshot that are asked for, at the directories above them, and at what may be removed. Nothing
  /// where there is nothing, and below a symlink.
  package var entries: [BytePath: RunningEntry]
  /// Of directories that may have to go, all that is below.
  package var trees: [BytePath: [BytePath]]
  /// Directories that are not on the root's own mount, of those that hold what may be removed.
  package var foreign: Set<BytePath>
  /// What is reached through a symlink, as lbu.list may name it: nothing is written there.
  package var behindLinks: [BytePath: BehindLink]

  package init(
    entries: [BytePath: RunningEntry] = [:], trees: [BytePath: [BytePath]] = [:], foreign: Set<BytePath> = [],
    behindLinks: [BytePath: BehindLink] = [:]
  ) {
    self.entries = entries
    self.trees = trees
    self.foreign = foreign
    self.behindLinks = behindLinks
  }
}

/// What there is for who follows symlinks.
package struct BehindLink: Hashable, Sendable {
  /// Nil where nothing is.
  package var fingerprint: Fingerprint?
  /// Where it is, without symlinks; nil where that cannot be told.
  package var path: BytePath?

  package init(_ fingerprint: Fingerprint?, at path: BytePath?) {
    self.fingerprint = fingerprint
    self.path = path
  }
}

/// What a snapshot made now would hold at a path, and what packages say of it.
package struct SelectedNow: Hashable, Sendable {
  package var path: BytePath
  package var kind: FileKind
  package var reason: Reason
  /// As the package that owns it sets them; nil for what no package owns.
  package var packaged: InstalledDatabase.Permissions?

  package init(_ path: BytePath, _ kind: FileKind, _ reason: Reason, packaged: InstalledDatabase.Permissions? = nil) {
    self.path = path
    self.kind = kind
    self.reason = reason
    self.packaged = packaged
  }
}
