import LbudCore
import Testing

@Suite("A mount and its flags")
struct MountTests {
  static func mount(_ options: String, _ superOptions: String) throws -> Mount {
    try #require(
      MountTable(parsing: "30 1 8:1 / /media/usb \(options) - vfat /dev/sda1 \(superOptions)\n".bytes).mounts.first)
  }

  @Test(
    "read-only by the mount, by the file system, or both",
    arguments: [
      ("rw", "rw", false, false), ("ro", "rw", true, false), ("rw", "ro", false, true), ("ro", "ro", true, true),
      // Words that only look like it.
      ("rw,relatime", "rw,errors=remount-ro", false, false), ("rw", "rw,ro=1,norecovery,root", false, false),
    ])
  func readOnly(options: String, superOptions: String, byMount: Bool, byFileSystem: Bool) throws {
    let mount = try Self.mount(options, superOptions)
    #expect(mount.isMountReadOnly == byMount && mount.isSuperblockReadOnly == byFileSystem)
    #expect(mount.isReadOnly == (byMount || byFileSystem))
  }

  /// The numbers are those of linux/mount.h. Tried on Linux 6.18 with ext4, but for i_version: after a remount with
  /// these flags and another back, mountinfo said the same as before.
  @Test(
    "a remount keeps the other flags",
    arguments: [
      ("rw,relatime", "rw", 0x20_0000), ("rw,noatime", "rw", 0x400), ("rw", "rw", 0x100_0000),
      ("rw,nodiratime,relatime", "rw", 0x20_0800), ("rw,nodiratime", "rw", 0x100_0800),
      ("rw,noatime,nodiratime", "rw", 0xc00), ("rw,nosuid,nodev,noexec,relatime", "rw", 0x20_000e),
      ("rw,nosuid,nosymfollow", "rw", 0x100_0102), ("rw,relatime", "rw,sync,dirsync", 0x20_0090),
      ("rw", "rw,lazytime", 0x300_0000), ("rw,relatime", "rw,mand", 0x20_0040),
      ("rw,noatime", "rw,i_version,data=ordered", 0x80_0400),
      ("rw,nodev,noatime,nosymfollow", "rw,sync,dirsync,lazytime", 0x200_0594),
      ("rw,nosuid,noatime", "rw,sync,dirsync,lazytime,fmask=0022,dmask=0022,codepage=437,shortname=mixed", 0x200_0492),
      ("ro,relatime", "ro,fmask=0022,errors=remount-ro", 0x20_0000),
    ] as [(String, String, UInt)])
  func remountFlags(options: String, superOptions: String, expected: UInt) throws {
    let mount = try Self.mount(options, superOptions)
    #expect(mount.remountFlags(readOnly: false) == expected)
    #expect(mount.remountFlags(readOnly: true) == expected | 1)
  }

  @Test func aWordCountsOnlyWhereTheKernelSaysIt() throws {
    // An option of the file system's own that has the name of a flag of mounts is none, and the other way round.
    #expect(try Self.mount("rw,relatime,sync,lazytime", "rw,nosuid,noatime").remountFlags(readOnly: false) == 0x20_0000)
  }
}
