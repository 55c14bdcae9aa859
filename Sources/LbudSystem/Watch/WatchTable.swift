#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Who listens to which watch.
///
/// A watch belongs to an inode. The same one can be reached by two paths (a directory just moved whose old place has not
/// been looked at yet, a bind mount), so a watch is given back only when its last listener leaves.
struct WatchTable {
  struct Listeners {
    var directories: [WatchedDirectory] = []
    /// Something outside the walk depends on this directory: a control file or an included path.
    var wakes = false

    var isEmpty: Bool { directories.isEmpty && !wakes }
  }

  private(set) var listeners: [Int32: Listeners] = [:]

  subscript(watch: Int32) -> Listeners? { listeners[watch] }

  mutating func add(_ directory: WatchedDirectory, to watch: Int32) {
    guard !(listeners[watch]?.directories.contains { $0 === directory } ?? false) else { return }
    listeners[watch, default: Listeners()].directories.append(directory)
  }

  mutating func addWake(to watch: Int32) {
    listeners[watch, default: Listeners()].wakes = true
  }

  /// - Returns: whether nobody listens any more, so that the watch can be given back.
  mutating func remove(_ directory: WatchedDirectory, from watch: Int32) -> Bool {
    listeners[watch]?.directories.removeAll { $0 === directory }
    return forgetIfUnheard(watch)
  }

  /// Forgets every wake.
  /// - Returns: watches that nobody listens to any more.
  mutating func removeWakes(except kept: Set<Int32>) -> [Int32] {
    listeners.keys.filter { watch in
      guard listeners[watch]?.wakes ?? false, !kept.contains(watch) else { return false }
      listeners[watch]?.wakes = false
      return forgetIfUnheard(watch)
    }
  }

  /// The kernel took the watch back: its directory is gone or unmounted.
  mutating func removeAll(of watch: Int32) -> Listeners? { listeners.removeValue(forKey: watch) }

  private mutating func forgetIfUnheard(_ watch: Int32) -> Bool {
    guard listeners[watch]?.isEmpty ?? false else { return false }
    listeners[watch] = nil
    return true
  }
}
