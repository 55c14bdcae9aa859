import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files that `+` lines of lbu.list name themselves. Those that the walk reaches are seen by the walk; the others
/// (behind a symlink, or under a directory whose name the line's own pattern does not match) are looked at here.
struct IncludedPaths {
  private(set) var paths: Set<BytePath>
  /// What is known of those that the walk does not reach and that exist.
  var known: [BytePath: KnownFile] = [:]

  init(lines: [[UInt8]]) {
    paths = Self.paths(lines)
  }

  func contains(_ path: BytePath) -> Bool { paths.contains(path) }

  /// - Returns: paths that are no longer included.
  mutating func replace(lines: [[UInt8]]) -> Set<BytePath> {
    let former = paths
    paths = Self.paths(lines)
    let dropped = former.subtracting(paths)
    for path in dropped { known[path] = nil }
    return dropped
  }

  private static func paths(_ lines: [[UInt8]]) -> Set<BytePath> {
    var paths: Set<BytePath> = []
    for line in lines where line.last != BytePath.separator && !line.contains(0) {
      // A trailing slash asks for a directory, which lbu leaves to the walk. Dots add nothing, and ".." would lead
      // archives out of the root.
      let components = BytePath(normalizing: line).components.filter { $0 != [UInt8(ascii: ".")] }
      guard !components.isEmpty, !components.contains([UInt8(ascii: "."), UInt8(ascii: ".")]) else { continue }
      paths.insert(components.reduce(BytePath.root) { $0.appending($1) })
    }
    return paths
  }
}

extension OverlayTree {
  /// Looks at the included paths that the walk does not reach. There are few, and a symlink on the way can change
  /// without an event: so each time.
  func lookAtIncluded(_ look: Look, _ journal: inout Journal, _ now: Instant) {
    for path in included.paths {
      guard directory(at: path.parent) == nil else {
        included.known[path] = nil
        continue
      }
      // What is there, and what it is on, can be anything.
      defer { note(path, included.known[path]) }
      do throws(FileError) {
        included.known[path] = try lookAtIncluded(path, look, &journal, now)
        unreadable[path] = nil
      } catch {
        unreadable[path] = error
      }
      if included.known[path] == nil { journal.observe(path, nil, at: now) }
    }
  }

  private func lookAtIncluded(
    _ path: BytePath, _ look: Look, _ journal: inout Journal, _ now: Instant
  ) throws(FileError) -> KnownFile? {
    let parent: Descriptor
    do {
      parent = try root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY)
    } catch let error where error.code == ENOENT || error.code == ENOTDIR || error.code == ELOOP {
      return nil
    }
    let stamp = SystemClock.fileStamp()
    guard let status = try parent.status(of: path.name, path: path), status.kind != .directory else { return nil }
    let examiner = FileExaminer(
      selection: Selection(paths: ProtectedPaths(), database: InstalledDatabase()), scope: Scope(ProtectedPaths()),
      isIncluded: true, look: look, stamp: stamp)
    return try examiner.examine(path.name, path, parent, status, known: included.known[path], &journal, now)
  }
}
