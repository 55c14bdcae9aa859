import LbudCore
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What was done to a mount is undone.
extension MediaMount {
  /// To be called before it is done.
  func remember(_ change: MountChange, _ note: (Problem) -> Void) {
    pending.withLock { $0 = change }
    do { try run.write(change.encoded, to: MountChange.file) } catch {
      // A commit is worth more than how a crash in the middle of it would leave the mount.
      note(
        Problem(
          .warning, subject: path, "would stay as it is during a commit after a crash: \(error)",
          remedy: "make room in /run"))
    }
  }

  private func forget() {
    pending.withLock { $0 = nil }
    run.remove(MountChange.file)
  }

  /// What is to be undone; of an lbud that was killed, what it has written down.
  private func outstanding() throws(FileError) -> MountChange? {
    if let change = pending.withLock({ $0 }) { return change }
    return MountChange(try run.read(MountChange.file))
  }

  /// Whether something is still to be put back.
  var isLeftChanged: Bool { (try? outstanding()).flatMap(\.self) != nil }

  /// Undoes what was done to the mount, also by an lbud that was killed meanwhile.
  /// - Returns: why it could not be; nil where there was nothing to undo, or it is done.
  func putBack(_ say: (String) -> Void) -> Problem? {
    let change: MountChange
    do throws(FileError) {
      guard let found = try outstanding() else { return nil }
      change = found
    } catch {
      return Problem(
        .warning, subject: path, "may be left mounted or writable after a crash: \(error)", remedy: "see: mount")
    }
    say("putting \(path) back: \(displayText(of: change.encoded))")
    guard let table = watch.table(), let mount = change.target(in: table) else {
      forget()
      return nil
    }
    guard table.mount(at: change.point) == mount else {
      return Problem(
        .warning, subject: path, "is covered by another mount, and cannot be put back as it was",
        remedy: "unmount what lies on top; lbud then does the rest")
    }
    do throws(FileError) {
      try Self.undo(change, of: mount)
    } catch {
      return problem(change, mount, error)
    }
    forget()
    return nil
  }

  private func problem(_ change: MountChange, _ mount: Mount, _ error: FileError) -> Problem? {
    guard change.undo == .unmount else {
      return Problem(
        .warning, subject: path, "is left writable: cannot make it read-only: \(error.reason)",
        remedy: "lbud tries again every 30 s; or when nobody is at work there any more: mount -o remount,ro \(path)")
    }
    // Not mounted any more: there is nothing left to put back.
    guard error.code != EINVAL else {
      forget()
      return nil
    }
    // Mounted it may have to stay, writable it must not.
    try? mount.setReadOnly(mount: true, superblock: true)
    return Problem(
      .warning, subject: path, "is left mounted: cannot unmount it: \(error.reason)",
      remedy: "lbud tries again every 30 s; or when nobody is at work there any more: umount \(path)")
  }

  /// Somebody may look into it just now, if only for a moment: so busy is tried again for a second.
  private static func undo(_ change: MountChange, of mount: Mount) throws(FileError) {
    var tries = 0
    while true {
      do throws(FileError) {
        switch change.undo {
        case .unmount: return try mount.unmount()
        case .setReadOnly(let flag, let superblock): return try mount.setReadOnly(mount: flag, superblock: superblock)
        }
      } catch {
        tries += 1
        guard error.code == EBUSY, tries < 20 else { throw error }
        usleep(50_000)
      }
    }
  }
}
