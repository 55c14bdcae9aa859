/// A mounted file system at one place, as a line of /proc/self/mountinfo tells of it: proc_pid_mountinfo(5).
package struct Mount: Hashable, Sendable {
  package var id: Int
  /// The mount that this one lies on.
  package var parent: Int
  package var deviceMajor: UInt32
  package var deviceMinor: UInt32
  /// The path of the mounted directory inside its file system; `/` unless it is a bind mount.
  package var root: [UInt8]
  /// Where it is mounted, as seen from the root directory of the process.
  package var point: [UInt8]
  /// What holds at this place only.
  package var options: [String]
  package var type: String
  /// What was mounted, in the words of who mounted it: a device's path, or any word at all.
  package var source: [UInt8]
  /// What holds for the file system wherever it is mounted.
  package var superOptions: [String]

  package init(
    id: Int, parent: Int, deviceMajor: UInt32, deviceMinor: UInt32, root: [UInt8], point: [UInt8], options: [String],
    type: String, source: [UInt8], superOptions: [String]
  ) {
    self.id = id
    self.parent = parent
    self.deviceMajor = deviceMajor
    self.deviceMinor = deviceMinor
    self.root = root
    self.point = point
    self.options = options
    self.type = type
    self.source = source
    self.superOptions = superOptions
  }

  /// Whether nothing can be written here, for either reason.
  package var isReadOnly: Bool { isMountReadOnly || isSuperblockReadOnly }

  package var isMountReadOnly: Bool { options.contains("ro") }

  package var isSuperblockReadOnly: Bool { superOptions.contains("ro") }

  package var isBind: Bool { root != [BytePath.separator] }

  // MARK: Flags

  /// The flags for mount(2) with `MS_REMOUNT` that change nothing but whether it is read-only: the kernel clears what is
  /// not given. `MS_REMOUNT` and `MS_BIND` themselves are the caller's.
  package func remountFlags(readOnly: Bool) -> UInt {
    var flags: Flags = readOnly ? .readOnly : []
    for option in options { flags.formUnion(Self.flagsOfMount[option] ?? []) }
    for option in superOptions { flags.formUnion(Self.flagsOfFileSystem[option] ?? []) }
    // mountinfo has no word for strictatime, which is what neither of the others is. It must be said: beside another of
    // these flags the kernel takes nothing for relatime (fs/namespace.c, path_mount).
    if flags.isDisjoint(with: [.noAccessTime, .relativeAccessTime]) { flags.insert(.strictAccessTime) }
    return flags.rawValue
  }

  /// The `MS_` flags of linux/mount.h, the same on every architecture.
  private struct Flags: OptionSet {
    let rawValue: UInt

    static let readOnly = Flags(rawValue: 1)
    static let noSetUID = Flags(rawValue: 1 << 1)
    static let noDevices = Flags(rawValue: 1 << 2)
    static let noExecution = Flags(rawValue: 1 << 3)
    static let synchronous = Flags(rawValue: 1 << 4)
    static let mandatoryLocks = Flags(rawValue: 1 << 6)
    static let synchronousDirectories = Flags(rawValue: 1 << 7)
    static let noSymlinkFollowing = Flags(rawValue: 1 << 8)
    static let noAccessTime = Flags(rawValue: 1 << 10)
    static let noDirectoryAccessTime = Flags(rawValue: 1 << 11)
    static let relativeAccessTime = Flags(rawValue: 1 << 21)
    static let inodeVersions = Flags(rawValue: 1 << 23)
    static let strictAccessTime = Flags(rawValue: 1 << 24)
    static let lazyTime = Flags(rawValue: 1 << 25)
  }

  /// The words of fs/proc_namespace.c, `show_mnt_opts`.
  private static let flagsOfMount: [String: Flags] = [
    "nosuid": .noSetUID, "nodev": .noDevices, "noexec": .noExecution, "noatime": .noAccessTime,
    "nodiratime": .noDirectoryAccessTime, "relatime": .relativeAccessTime, "nosymfollow": .noSymlinkFollowing,
  ]

  /// The words of fs/proc_namespace.c, `show_sb_opts`; and ext4's `i_version`, which Linux before 6.0 clears as well.
  private static let flagsOfFileSystem: [String: Flags] = [
    "sync": .synchronous, "dirsync": .synchronousDirectories, "mand": .mandatoryLocks, "lazytime": .lazyTime,
    "i_version": .inodeVersions,
  ]
}
