/// Whether a snapshot on a file system is found at the boot.
///
/// `nlplug-findfs` of mkinitfs mounts every block device with the type that libblkid tells, and that needs a module in the
/// initramfs: those of Alpine's media have vfat's and ext4's, and ext4's does for ext2 and ext3.
package enum BootReadability: Equatable, Sendable {
  case usable
  /// It can be mounted and written in a running system, or somebody knows better.
  case unusable(why: String)
  /// Nothing can be saved there at all.
  case impossible(why: String)

  /// - Parameter type: as mount(8) calls it; nil where no file system was found.
  package init(type: String?) {
    switch type {
    case "vfat", "ext2", "ext3", "ext4": self = .usable
    case "iso9660", "squashfs", "erofs", "udf":
      self = .unusable(why: "\(type ?? "it") cannot be written to")
    case "swap": self = .impossible(why: "it is swap space")
    case "crypto_LUKS": self = .impossible(why: "it is encrypted as a whole (LUKS), and is no file system itself")
    case "LVM2_member": self = .impossible(why: "it is a part of a volume group (LVM), and is no file system itself")
    case "linux_raid_member": self = .impossible(why: "it is a part of a RAID, and is no file system itself")
    case "tmpfs", "ramfs": self = .impossible(why: "it is only memory, and gone after a reboot")
    case nil: self = .impossible(why: "there is no file system on it, or none that is known here")
    case let type?:
      self = .unusable(why: "the boot loader cannot read \(displayText(of: type.utf8)), only vfat and ext4")
    }
  }

  /// Nil where there is nothing against it.
  package var why: String? {
    switch self {
    case .usable: nil
    case .unusable(let why), .impossible(let why): why
    }
  }
}
