import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension RootDirectory {
  /// Whether what is written to a directory is gone after a reboot. A mount point with nothing mounted is a directory of the
  /// root in RAM; with `overlaytmpfs` on the kernel's command line that root is an overlay.
  func isInMemory(_ directory: borrowing Descriptor) -> Bool {
    let type = clbud_file_system_type(directory.raw)
    // TMPFS_MAGIC, RAMFS_MAGIC of linux/magic.h
    if type == 0x0102_1994 || type == 0x8584_58f6 { return true }
    // OVERLAYFS_SUPER_MAGIC
    guard isSystemRoot, type == 0x794c_7630 else { return false }
    var (here, top) = (stat(), stat())
    guard fstat(directory.raw, &here) == 0, fstat(descriptor.raw, &top) == 0 else { return false }
    return here.st_dev == top.st_dev
  }
}
