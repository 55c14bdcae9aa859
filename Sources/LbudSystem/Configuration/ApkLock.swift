import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The lock that apk holds during a transaction (flock(2), apk-tools database.c). It is looked at in `/proc/locks` and never
/// taken, since an apk that finds it taken gives up.
///
/// Where a file has another device number in `/proc/locks` than stat(2) tells (overlayfs, btrfs; a diskless root is a
/// tmpfs) the lock is not seen.
package struct ApkLock: Sendable {
  static let path = BytePath("lib/apk/db/lock")
  private static let procLimit = 4 << 20

  private let root: RootDirectory

  package init(root: RootDirectory) {
    self.root = root
  }

  /// Who is in a transaction now; nil where nobody is, or it cannot be told.
  package func holder() -> LockTable.Holder? {
    guard let status = try? root.status(Self.path), let text = try? ProcFile.read("/proc/locks", limit: Self.procLimit)
    else { return nil }
    let device = dev_t(status.identity.device)
    return LockTable.writer(
      in: text, major: clbud_major(device), minor: clbud_minor(device), inode: status.identity.inode)
  }

  /// What each transaction changes: apk puts another database in the old one's place at its end.
  package func mark() -> Mark {
    do throws(FileError) {
      return .database(try root.status(InstalledDatabase.path).signature)
    } catch {
      return error.code == ENOENT ? .absent : .unknown
    }
  }

  package enum Mark: Equatable, Sendable {
    case absent
    case database(FileStatus.Signature)
    /// It could not be looked at: that is no sign of a transaction, or a disk that is dying would keep commits from being
    /// made for ever.
    case unknown
  }

  /// Whether no transaction is under way, and none has ended since the mark was made.
  package func isQuiet(since mark: Mark) -> Bool {
    guard holder() == nil else { return false }
    let now = self.mark()
    return now == mark || now == .unknown || mark == .unknown
  }
}
