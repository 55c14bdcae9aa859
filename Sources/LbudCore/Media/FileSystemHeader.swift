/// What the first bytes of a block device say about the file system on it.
///
/// Nothing can be concluded while it is mounted for writing: then the kernel itself marks it as not clean.
package struct FileSystemHeader: Equatable, Sendable {
  package enum Kind: Hashable, Sendable {
    case fat12
    case fat16
    case fat32
    case ext(hasJournal: Bool)
  }

  package var kind: Kind
  /// Whether whoever wrote to it unmounted it, and no error was met.
  package var isClean: Bool
  /// Whether it has to be checked before somebody writes to it. An unclean file system with a journal has not: the kernel
  /// replays it.
  package var needsCheck: Bool

  package var isFAT: Bool {
    if case .ext = kind { return false }
    return true
  }

  /// The program that checks it.
  package var checker: String {
    isFAT ? "fsck.vfat" : "fsck.ext4"
  }

  /// Alpine's package that has it.
  package var checkerPackage: String { isFAT ? "dosfstools" : "e2fsprogs" }

  /// - Parameter bytes: the first 4,096 of the device; fewer do as long as they hold the fields.
  ///
  /// FAT is looked for first. mke2fs(8) clears the boot sector of a file system that was there before, while not every
  /// program that makes a FAT clears the place of ext's superblock.
  package init?(_ bytes: [UInt8]) {
    let fields = LittleEndianFields(bytes: bytes)
    guard let header = Self.fat(fields) ?? Self.ext(fields) else { return nil }
    self = header
  }

  private init(kind: Kind, isClean: Bool, needsCheck: Bool) {
    self.kind = kind
    self.isClean = isClean
    self.needsCheck = needsCheck
  }

  // MARK: FAT

  /// linux/msdos_fs.h, `struct fat_boot_sector`; what is plausible is what fs/fat/inode.c, `fat_read_bpb`, takes.
  private static func fat(_ fields: LittleEndianFields) -> FileSystemHeader? {
    guard fields[510, size: 2] == 0xaa55, let sectorSize = fields[0x0b, size: 2],
      [512, 1024, 2048, 4096].contains(sectorSize),
      let clusterSize = fields[0x0d, size: 1], clusterSize.nonzeroBitCount == 1,
      let reserved = fields[0x0e, size: 2], reserved > 0, let tables = fields[0x10, size: 1], tables > 0,
      let rootEntries = fields[0x11, size: 2], let sectors16 = fields[0x13, size: 2],
      let media = fields[0x15, size: 1], media == 0xf0 || media >= 0xf8, let tableSize16 = fields[0x16, size: 2],
      let sectors32 = fields[0x20, size: 4], let tableSize32 = fields[0x24, size: 4]
    else { return nil }
    let tableSize = tableSize16 > 0 ? tableSize16 : tableSize32
    let rootSectors = (rootEntries * 32 + sectorSize - 1) / sectorSize
    let sectors = sectors16 > 0 ? sectors16 : sectors32
    // No sum of these overflows: each product is of numbers that have 40 bits together.
    let dataStart = reserved + tables * tableSize + rootSectors
    guard tableSize > 0, sectors >= dataStart else { return nil }
    // By Microsoft's fatgen103 the count of clusters decides. But `mkfs.vfat -F 32` makes FAT32 of any size, and the
    // kernel knows it by the missing 16-bit size of the table: that is where it looks for the state.
    let clusters = (sectors - dataStart) / clusterSize
    let kind: Kind = tableSize16 == 0 ? .fat32 : clusters < 4085 ? .fat12 : .fat16
    guard let state = fields[kind == .fat32 ? 0x41 : 0x25, size: 1] else { return nil }
    // FAT_STATE_DIRTY: set while mounted for writing, and left when it was found set.
    let isDirty = state & 1 != 0
    return FileSystemHeader(kind: kind, isClean: !isDirty, needsCheck: isDirty)
  }

  // MARK: ext2, ext3, ext4

  /// fs/ext4/ext4.h, `struct ext4_super_block`.
  private static func ext(_ fields: LittleEndianFields) -> FileSystemHeader? {
    let superblock = 1024
    guard fields[superblock + 0x38, size: 2] == 0xef53, let inodes = fields[superblock, size: 4], inodes > 0,
      // EXT4_MAX_BLOCK_LOG_SIZE 16, less the 10 of the smallest block.
      let blockSize = fields[superblock + 0x18, size: 4], blockSize <= 6,
      let state = fields[superblock + 0x3a, size: 2], let compatible = fields[superblock + 0x5c, size: 4],
      let incompatible = fields[superblock + 0x60, size: 4],
      // EXT4_FEATURE_INCOMPAT_JOURNAL_DEV: the journal of another device, and no file system.
      incompatible & 0x8 == 0
    else { return nil }
    let hasJournal = compatible & 0x4 != 0
    let needsRecovery = incompatible & 0x4 != 0
    // EXT4_VALID_FS and EXT4_ERROR_FS. With a journal the first stays set while mounted (`ext4_setup_super`): only who
    // mounted without it (noload, ext2) clears it, and then there is nothing to replay.
    let needsCheck = state & 0x1 == 0 || state & 0x2 != 0
    return FileSystemHeader(
      kind: .ext(hasJournal: hasJournal), isClean: !needsCheck && !needsRecovery, needsCheck: needsCheck)
  }
}

/// Numbers of one to four bytes, the lowest first, wherever they lie; nil where the bytes end before them.
private struct LittleEndianFields {
  var bytes: [UInt8]

  subscript(offset: Int, size size: Int) -> UInt64? {
    guard bytes.count >= size, offset <= bytes.count - size else { return nil }
    return bytes[offset..<(offset + size)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
