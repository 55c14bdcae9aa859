import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What inotify cannot tell (inotify(7), "Limitations and caveats"): each kind is looked for where it can be, so that a
/// commit need not look at everything.
extension OverlayTree {
  /// Finds what has changed without an event:
  /// - through another name of the same inode: all files with several names are looked at;
  /// - through a mapping: all files that a process has mapped to write into are read again, since a store into a page that is
  ///   dirty already moves no timestamp;
  /// - by a mount on top, or on a file system that others change: then everything is looked at.
  ///
  /// So it is in a tree of the usual size, since there it costs as little.
  /// - Returns: whether everything was looked at.
  /// - Throws: `FileError` where the root directory itself cannot be read.
  package func lookForUnseen(into journal: inout Journal, at now: Instant) throws -> Bool {
    let looksAtAll = isSmall || devices.values.contains(false) || mountWatch.table() != mounts
    if looksAtAll { try rescan(into: &journal, at: now) } else { try lookAtLinked(&journal, now) }
    try lookAtMapped(&journal, now)
    return looksAtAll
  }

  /// Whether a look at everything takes a few milliseconds at most.
  private var isSmall: Bool {
    var count = 0
    top.forEach { count += 1 + $0.files.count }
    return count <= Self.fewFiles
  }

  private static let fewFiles = 3000

  private func lookAtLinked(_ journal: inout Journal, _ now: Instant) throws {
    for path in linked {
      guard let parent = directory(at: path.parent) else { continue }
      try look(atNames: [path.name], in: parent, .shallowRescan, &journal, now)
    }
  }

  private func lookAtMapped(_ journal: inout Journal, _ now: Instant) throws {
    let mapped = MappedFiles.all()
    guard !mapped.isEmpty, let prefix = root.systemPath else { return }
    try lookAgain(
      at: mapped.compactMap { path(ofSystemPath: $0, below: prefix) }.filter(isKnown), into: &journal, at: now)
  }

  private func path(ofSystemPath path: [UInt8], below prefix: [UInt8]) -> BytePath? {
    guard path.starts(with: prefix) else { return nil }
    let rest = path.dropFirst(prefix.count)
    guard prefix.last == BytePath.separator || rest.first == BytePath.separator else { return nil }
    return BytePath(normalizing: rest)
  }

  private func isKnown(_ path: BytePath) -> Bool {
    included.known[path] != nil || directory(at: path.parent)?.files[path.name] != nil
  }

  /// Takes note of what a file has that matters to looks at it.
  func note(_ path: BytePath, _ file: KnownFile?) {
    if file?.isLinked ?? false, file?.reason != nil {
      linked.insert(path)
    } else if !linked.isEmpty {
      linked.remove(path)
    }
  }

  func meet(_ device: UInt64, _ directory: borrowing Descriptor) {
    guard devices[device] == nil else { return }
    devices[device] = !Self.distant.contains(clbud_file_system_type(directory.raw) & 0xffff_ffff)
  }

  /// File systems that somebody else changes too, behind the kernel's back (linux/magic.h): NFS, SMB, CIFS, SMB2, FUSE, 9P,
  /// AFS, Ceph, Coda, OCFS2, GFS2, overlay.
  private static let distant: Set<Int64> = [
    0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x5346_414F, 0x00C3_6400, 0x7375_7245,
    0x7461_636F, 0x0116_1970, 0x794C_7630,
  ]
}
