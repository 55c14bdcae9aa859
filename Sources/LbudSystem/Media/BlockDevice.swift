import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The device under a file system, opened only to flush its write cache: `sync` and `syncfs` send no flush on vfat, an
/// fsync of the block device does everywhere (facts, section 5).
struct BlockDevice: ~Copyable {
  private let descriptor: Descriptor
  private let path: String

  /// - Parameter say: is told why there is none.
  /// - Returns: nil where the file system has no block device (tmpfs, overlay, NFS), or none that can be opened.
  static func under(_ directory: borrowing Descriptor, say: (String) -> Void) -> BlockDevice? {
    var status = stat()
    guard fstat(directory.raw, &status) == 0 else { return nil }
    let (major, minor) = (clbud_major(status.st_dev), clbud_minor(status.st_dev))
    guard major != 0, let path = node(major: major, minor: minor) else {
      say("the media is on no block device: there is none to flush")
      return nil
    }
    let raw = systemOpen(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else {
      say("\(FileError("open", path)): its write cache is not flushed, a power cut may cost the snapshot")
      return nil
    }
    var device = stat()
    guard fstat(raw, &device) == 0, device.st_mode & S_IFMT == S_IFBLK, device.st_rdev == status.st_dev else {
      close(raw)
      return nil
    }
    return BlockDevice(descriptor: Descriptor(owning: raw), path: path)
  }

  /// - Throws: `FileError`.
  borrowing func flush() throws(FileError) {
    try descriptor.synchronize(path: path)
  }

  /// The device's node by what the kernel calls it (sysfs, `uevent`).
  private static func node(major: UInt32, minor: UInt32) -> String? {
    let raw = systemOpen("/sys/dev/block/\(major):\(minor)/uevent", O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { return nil }
    let file = Descriptor(owning: raw)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { systemRead(file.raw, $0) }
    guard count > 0 else { return nil }
    for line in buffer[..<count].split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("DEVNAME=") { return "/dev/" + text.dropFirst("DEVNAME=".count) }
    }
    return nil
  }
}
