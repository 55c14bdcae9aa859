import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What stat(2) tells of an entry, as much as lbud uses.
package struct FileStatus: Hashable, Sendable {
  package var kind: FileKind
  /// The permission bits, 07777.
  package var mode: UInt16
  package var uid: UInt32
  package var gid: UInt32
  package var size: UInt64
  package var links: UInt64
  package var identity: FileIdentity
  package var deviceMajor: UInt32
  package var deviceMinor: UInt32
  package var modified: FileTime
  /// When anything of the inode was last changed.
  package var changed: FileTime

  package init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .directory
      case S_IFLNK: .symlink
      case S_IFIFO: .fifo
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      case S_IFSOCK: .socket
      default: .file
      }
    mode = UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
    uid = status.st_uid
    gid = status.st_gid
    size = UInt64(clamping: status.st_size)
    links = UInt64(status.st_nlink)
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    deviceMajor = clbud_major(status.st_rdev)
    deviceMinor = clbud_minor(status.st_rdev)
    modified = FileTime(status.st_mtim)
    changed = FileTime(status.st_ctim)
  }

  package var permissions: InstalledDatabase.Permissions {
    .init(mode: mode, uid: uid, gid: gid)
  }

  /// What changes when the content does, as far as stat(2) can tell.
  package var signature: Signature {
    Signature(identity: identity, size: size, modified: modified, changed: changed)
  }

  package struct Signature: Hashable, Sendable {
    package var identity: FileIdentity
    package var size: UInt64
    package var modified: FileTime
    package var changed: FileTime

    package init(identity: FileIdentity, size: UInt64, modified: FileTime, changed: FileTime) {
      self.identity = identity
      self.size = size
      self.modified = modified
      self.changed = changed
    }
  }

  /// Seconds since 1970, rounded down, as tar keeps it.
  package var modificationTime: Int64 { modified.seconds }
}

/// Which file it is, whatever its name.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
