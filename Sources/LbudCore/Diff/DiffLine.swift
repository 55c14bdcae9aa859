/// The lines that tell what a unified diff has no words for: kinds, modes, owners, link targets. None looks like a hunk, or
/// like anything else that patch(1) acts on.
package struct DiffLine {
  /// Why the new side has nothing of a path.
  package enum Absence: Sendable {
    case removed
    /// It is there, and a snapshot would not hold it: its package brought it as it is, or the settings exclude it.
    case unselected
  }

  private let owners: OwnerNames

  package init(owners: OwnerNames) {
    self.owners = owners
  }

  /// What differs between the two sides of a path except the content of a file that both have; nil for nothing. Without
  /// the newline.
  /// - Parameter absence: counts where `new` is nil.
  package func lines(
    _ path: BytePath, from old: Fingerprint?, to new: Fingerprint?, absence: Absence = .removed
  ) -> [[UInt8]] {
    switch (old, new) {
    case (nil, nil): return []
    case (nil, let new?): return [line(kind(new), path, "added", new)]
    case (let old?, nil):
      return [line(kind(old), path, absence == .removed ? "removed" : "no longer selected", old)]
    case (let old?, let new?): return lines(path, from: old, to: new)
    }
  }

  private func lines(_ path: BytePath, from old: Fingerprint, to new: Fingerprint) -> [[UInt8]] {
    guard kind(old) == kind(new) else {
      return [
        start("kind of", path) + text(kind(old)) + target(of: old)
          + text(", \(owners.permissions(of: old)) -> \(kind(new))")
          + target(of: new) + text(", \(owners.permissions(of: new))")
      ]
    }
    var lines: [[UInt8]] = []
    if case .symlink(let before) = old.content, case .symlink(let now) = new.content, before != now {
      lines.append(start(kind(new), path) + quotedName(before) + text(" -> ") + quotedName(now))
    }
    let (before, now) = (owners.permissions(of: old), owners.permissions(of: new))
    if (old.mode, old.uid, old.gid) != (new.mode, new.uid, new.gid) {
      lines.append(start("mode of", path) + text("\(before) -> \(now)"))
    }
    return lines
  }

  private func line(_ kind: String, _ path: BytePath, _ verb: String, _ entry: Fingerprint) -> [UInt8] {
    start(kind, path) + text(verb) + target(of: entry, after: ", to ") + text(", " + owners.permissions(of: entry))
  }

  private func start(_ what: String, _ path: BytePath) -> [UInt8] {
    text(what + " ") + quotedName(path.bytes) + text(": ")
  }

  private func target(of entry: Fingerprint, after words: String = " to ") -> [UInt8] {
    guard case .symlink(let target) = entry.content else { return [] }
    return text(words) + quotedName(target)
  }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Two devices of other numbers are of two kinds.
  private func kind(_ entry: Fingerprint) -> String {
    switch entry.content {
    case .file: "file"
    case .directory: "directory"
    case .symlink: "symbolic link"
    case .fifo: "fifo"
    case .characterDevice(let major, let minor): "character device \(major):\(minor)"
    case .blockDevice(let major, let minor): "block device \(major):\(minor)"
    case .socket: "socket"
    }
  }
}
