/// Where an entry stands in a snapshot: sorted by bytes, and names without a slash last.
///
/// apk stops reading the list of restored names at the first such (mkinitfs `initramfs-init.in` feeds them to
/// `apk --overlay-from-stdin`); a directory's name ends in a slash there.
package struct ArchiveKey: Hashable, Comparable, Sendable {
  package var isLast: Bool
  package var path: BytePath

  package init(_ path: BytePath, _ kind: FileKind) {
    self.path = path
    isLast = kind != .directory && path.isTopLevel
  }

  private init(_ path: BytePath, isLast: Bool) {
    self.path = path
    self.isLast = isLast
  }

  /// All the places where an entry of that path can stand, whatever it is.
  package static func all(of path: BytePath) -> [ArchiveKey] {
    let usual = ArchiveKey(path, isLast: false)
    return path.isTopLevel ? [usual, ArchiveKey(path, isLast: true)] : [usual]
  }

  package static func < (left: ArchiveKey, right: ArchiveKey) -> Bool {
    left.isLast == right.isLast ? left.path < right.path : right.isLast
  }
}
