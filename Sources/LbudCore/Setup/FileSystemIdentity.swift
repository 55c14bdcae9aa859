/// Which file system a block device holds, and its names: from the device's first bytes, so that nothing need be installed
/// for it. Types are called as mount(8) and blkid(8) call them.
package struct FileSystemIdentity: Hashable, Sendable {
  package var type: String
  package var label: [UInt8]?
  package var uuid: [UInt8]?

  package init(type: String, label: [UInt8]? = nil, uuid: [UInt8]? = nil) {
    self.type = type
    self.label = label
    self.uuid = uuid
  }

  /// How many bytes of the device to read: the superblock of btrfs begins at 64 KiB.
  package static let length = 68 * 1024

  /// - Parameter bytes: the first `length` of the device; what a smaller one has will do.
  /// - Returns: nil where nothing is found that is known here.
  package init?(_ bytes: [UInt8]) {
    let found =
      Self.byFirstBytes(bytes) ?? Self.fatOrExt(bytes) ?? Self.byMagic(bytes) ?? Self.partOfAnother(bytes)
    guard let found else { return nil }
    self = found
  }

  // MARK: The first sector

  /// What begins where a boot sector would be, so that nothing of what is looked for later can be left in it.
  private static func byFirstBytes(_ bytes: [UInt8]) -> FileSystemIdentity? {
    if bytes.has("LUKS", at: 0), bytes.field(4, 2) == [0xba, 0xbe] {
      // cryptsetup's on-disk formats: the UUID is text at 168 in both versions, the label that of version 2.
      let label = bytes.number(at: 6, bigEndianOf: 2) == 2 ? bytes.text(24, 48) : nil
      return FileSystemIdentity(type: "crypto_LUKS", label: label, uuid: bytes.text(168, 40))
    }
    if bytes.has("XFSB", at: 0) {
      // fs/xfs/libxfs/xfs_format.h, `struct xfs_dsb`
      return FileSystemIdentity(type: "xfs", label: bytes.text(108, 12), uuid: bytes.uuid(at: 32))
    }
    if bytes.has("hsqs", at: 0) { return FileSystemIdentity(type: "squashfs") }
    if bytes.has("NTFS    ", at: 3) { return FileSystemIdentity(type: "ntfs") }
    if bytes.has("EXFAT   ", at: 3) { return FileSystemIdentity(type: "exfat") }
    return nil
  }

  private static func fatOrExt(_ bytes: [UInt8]) -> FileSystemIdentity? {
    guard let header = FileSystemHeader(Array(bytes.prefix(4096))) else { return nil }
    if case .ext(let hasJournal) = header.kind { return ext(bytes, hasJournal: hasJournal) }
    // linux/msdos_fs.h, `struct fat_boot_sector`: 0x29 says that serial number and label follow.
    let start = header.kind == .fat32 ? 0x42 : 0x26
    guard bytes.field(start, 1) == [0x29], let serial = bytes.field(start + 1, 4) else {
      return FileSystemIdentity(type: "vfat")
    }
    let digits = Array(hexadecimal(serial.reversed()).uppercased().utf8)
    let label = bytes.field(start + 5, 11).map { $0.trimmingBlanks }
    return FileSystemIdentity(
      type: "vfat", label: label.flatMap { $0.isEmpty || $0.elementsEqual("NO NAME".utf8) ? nil : $0 },
      uuid: digits[..<4] + [UInt8(ascii: "-")] + digits[4...])
  }

  /// fs/ext4/ext4.h, `struct ext4_super_block`. What ext3 does not know of makes it ext4: the features beyond those in
  /// fs/ext4/super.c's EXT3_FEATURE_INCOMPAT_SUPP (filetype, recover, meta_bg, and a journal's device) and
  /// EXT3_FEATURE_RO_COMPAT_SUPP (sparse_super, large_file, btree_dir).
  private static func ext(_ bytes: [UInt8], hasJournal: Bool) -> FileSystemIdentity {
    let incompatible = bytes.number(at: 1024 + 0x60) & ~0x1e
    let readOnlyCompatible = bytes.number(at: 1024 + 0x64) & ~0x7
    let type = incompatible | readOnlyCompatible != 0 ? "ext4" : hasJournal ? "ext3" : "ext2"
    return FileSystemIdentity(type: type, label: bytes.text(1024 + 0x78, 16), uuid: bytes.uuid(at: 1024 + 0x68))
  }

  // MARK: Further in

  private static func byMagic(_ bytes: [UInt8]) -> FileSystemIdentity? {
    // F2FS_SUPER_MAGIC and EROFS_SUPER_MAGIC_V1 of linux/magic.h
    switch bytes.number(at: 1024) {
    case 0xf2f5_2010: return FileSystemIdentity(type: "f2fs", uuid: bytes.uuid(at: 1024 + 0x6c))
    case 0xe0f5_e1e2: return FileSystemIdentity(type: "erofs")
    default: break
    }
    let btrfs = 64 * 1024
    if bytes.has("_BHRfS_M", at: btrfs + 0x40) {
      // fs/btrfs: `struct btrfs_super_block`
      return FileSystemIdentity(
        type: "btrfs", label: bytes.text(btrfs + 0x12b, 256), uuid: bytes.uuid(at: btrfs + 0x20))
    }
    let volume = 32 * 1024
    if bytes.has("CD001", at: volume + 1) {
      // ECMA-119, 8.4: the volume's identifier, filled with blanks.
      let label = bytes.field(volume + 40, 32).map { $0.trimmingBlanks }
      return FileSystemIdentity(type: "iso9660", label: label.flatMap { $0.isEmpty ? nil : $0 })
    }
    // linux/swap.h: the end of the first page, whose size is the machine's.
    for page in [4096, 8192, 16384, 65536]
    where bytes.has("SWAPSPACE2", at: page - 10) || bytes.has("SWAP-SPACE", at: page - 10) {
      return FileSystemIdentity(type: "swap", label: bytes.text(1052, 16), uuid: bytes.uuid(at: 1036))
    }
    return nil
  }

  /// A device that is a part of others.
  private static func partOfAnother(_ bytes: [UInt8]) -> FileSystemIdentity? {
    // LVM2's label may be in any of the first four sectors (lib/label/label.h).
    for sector in 0..<4 where bytes.has("LABELONE", at: sector * 512) && bytes.has("LVM2 001", at: sector * 512 + 24) {
      return FileSystemIdentity(type: "LVM2_member")
    }
    // MD_SB_MAGIC of linux/raid/md_p.h, where versions 1.1 and 1.2 have it. 1.0 and 0.90 stand at the end of the device,
    // and such a part of a mirror looks like the file system that is on all of it.
    if bytes.number(at: 0) == 0xa92b_4efc || bytes.number(at: 4096) == 0xa92b_4efc {
      return FileSystemIdentity(type: "linux_raid_member")
    }
    return nil
  }
}

extension [UInt8] {
  fileprivate func field(_ offset: Int, _ size: Int) -> [UInt8]? {
    offset + size <= count ? Array(self[offset..<(offset + size)]) : nil
  }

  fileprivate func has(_ text: String, at offset: Int) -> Bool { field(offset, text.utf8.count) == Array(text.utf8) }

  /// Four bytes, the lowest first; 0 where there are none.
  fileprivate func number(at offset: Int) -> UInt32 {
    (field(offset, 4) ?? []).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  fileprivate func number(at offset: Int, bigEndianOf size: Int) -> UInt32 {
    (field(offset, size) ?? []).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// What stands before the first NUL; nil where that is nothing.
  fileprivate func text(_ offset: Int, _ size: Int) -> [UInt8]? {
    let text = (field(offset, size) ?? []).prefix { $0 != 0 }
    return text.isEmpty ? nil : Array(text)
  }

  /// Sixteen bytes in the usual form; nil where all are 0.
  fileprivate func uuid(at offset: Int) -> [UInt8]? {
    guard let bytes = field(offset, 16), bytes.contains(where: { $0 != 0 }) else { return nil }
    let digits = Array(hexadecimal(bytes).utf8)
    let parts = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
    return Array(parts.joined(separator: [UInt8(ascii: "-")]))
  }

  fileprivate var trimmingBlanks: [UInt8] {
    let blanks: Set<UInt8> = [0, UInt8(ascii: " ")]
    return Array(prefix((lastIndex { !blanks.contains($0) } ?? -1) + 1))
  }
}
