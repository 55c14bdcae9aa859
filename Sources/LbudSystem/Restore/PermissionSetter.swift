import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Sets mode, owner and time of what is open: by its descriptor, so that nothing swapped in meanwhile gets them.
enum PermissionSetter {
  /// - Throws: `FileError`.
  static func set(_ permissions: InstalledDatabase.Permissions, _ raw: Int32, _ path: BytePath) throws(FileError) {
    // The owner first: changing it takes set-user-ID bits away.
    try retrying("set the owner of", path) { fchown(raw, permissions.uid, permissions.gid) }
    try retrying("set the mode of", path) { fchmod(raw, mode_t(permissions.mode)) }
  }

  /// - Throws: `FileError`.
  static func setTime(_ seconds: Int64, _ raw: Int32, _ path: BytePath) throws(FileError) {
    let times = times(seconds)
    try retrying("set the time of", path) { futimens(raw, times) }
  }

  /// Of what is not to be opened: symlinks, fifos, devices.
  /// - Throws: `FileError`.
  static func setSpecial(_ member: Member, _ name: [UInt8], in directory: Int32, _ path: BytePath) throws(FileError) {
    let terminated = cString(name)
    let flags = clbud_o_path | O_NOFOLLOW | O_CLOEXEC
    let held = Descriptor(owning: try retrying("open", path) { openat(directory, terminated, flags) })
    let raw = held.raw
    let kind = try held.status(path: "/" + path.display).kind
    guard kind == member.kind else { throw FileError("make", path, code: EBUSY) }
    try retrying("set the owner of", path) { clbud_set_owner(raw, member.uid, member.gid) }
    // A symlink has no mode of its own.
    if kind != .symlink {
      try retrying("set the mode of", path) { chmod("/proc/self/fd/\(raw)", mode_t(member.mode)) }
    }
    let times = times(member.modificationTime)
    try retrying("set the time of", path) { utimensat(directory, terminated, times, AT_SYMLINK_NOFOLLOW) }
  }

  /// The time of last access stays.
  private static func times(_ seconds: Int64) -> [timespec] {
    [timespec(tv_sec: 0, tv_nsec: Int(clbud_utime_omit)), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
  }
}

extension Member {
  fileprivate var kind: FileKind {
    switch body {
    case .file, .hardLink: .file
    case .directory: .directory
    case .symlink: .symlink
    case .fifo: .fifo
    case .characterDevice: .characterDevice
    case .blockDevice: .blockDevice
    }
  }
}
