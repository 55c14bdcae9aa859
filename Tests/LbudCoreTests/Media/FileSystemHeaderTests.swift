import LbudCore
import LbudTestSupport
import Testing

@Suite("The first bytes of a file system")
struct FileSystemHeaderTests {
  /// A device's beginning with numbers written into it, the lowest byte first.
  static func image(_ fields: [(offset: Int, size: Int, value: Int)], count: Int = 4096) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for field in fields {
      for index in 0..<field.size { bytes[field.offset + index] = UInt8(field.value >> (8 * index) & 0xff) }
    }
    return bytes
  }

  /// A boot sector with the numbers that mkfs.vfat 4.2 gave it.
  struct FAT {
    var sectorSize = 512
    var clusterSize = 4
    var reserved = 1
    var tables = 2
    var rootEntries = 512
    var sectors16 = 0
    var media = 0xf8
    var tableSize16 = 0
    var sectors32 = 0
    var tableSize32 = 0
    var state = 0

    var bytes: [UInt8] {
      var fields = [
        (0x0b, 2, sectorSize), (0x0d, 1, clusterSize), (0x0e, 2, reserved), (0x10, 1, tables), (0x11, 2, rootEntries),
        (0x13, 2, sectors16), (0x15, 1, media), (0x16, 2, tableSize16), (0x20, 4, sectors32), (510, 2, 0xaa55),
      ]
      if tableSize16 == 0 {
        fields += [(0x24, 4, tableSize32), (0x41, 1, state)]
      } else {
        fields += [(0x25, 1, state)]
      }
      return image(fields)
    }

    /// `mkfs.vfat -F 12` of 4 MiB, `-F 16` of 32 MiB, and `-F 32` of 600 MiB and of 64 MiB.
    static let fat12 = FAT(sectors16: 8192, tableSize16: 6)
    static let fat16 = FAT(reserved: 4, tableSize16: 64, sectors32: 65536)
    static let fat32 = FAT(clusterSize: 8, reserved: 32, rootEntries: 0, sectors32: 1_228_752, tableSize32: 1200)
    static let smallFAT32 = FAT(clusterSize: 1, reserved: 32, rootEntries: 0, sectors32: 131_072, tableSize32: 1009)
  }

  /// A superblock with the fields that are looked at.
  struct Ext {
    var magic = 0xef53
    var inodes = 2048
    var blockSize = 0
    var state = 1
    var compatible = 0x38
    var incompatible = 0x2c2

    var bytes: [UInt8] {
      image([
        (0x400, 4, inodes), (0x418, 4, blockSize), (0x438, 2, magic), (0x43a, 2, state), (0x45c, 4, compatible),
        (0x460, 4, incompatible),
      ])
    }

    static let plain = Ext()
    static let journal = Ext(compatible: 0x3c)
  }

  @Test(
    "the kinds of FAT, and the dirty bit of each",
    arguments: [(FAT.fat12, .fat12), (.fat16, .fat16), (.fat32, .fat32), (.smallFAT32, .fat32)]
      as [(FAT, FileSystemHeader.Kind)])
  func fat(sample: FAT, kind: FileSystemHeader.Kind) throws {
    for (state, isDirty) in [(0, false), (1, true), (2, false), (3, true), (0xff, true)] {
      var sample = sample
      sample.state = state
      let header = try #require(FileSystemHeader(sample.bytes))
      #expect(header.kind == kind && header.checker == "fsck.vfat", "state \(state)")
      #expect(header.isClean == !isDirty && header.needsCheck == isDirty, "state \(state)")
    }
  }

  @Test func aSmallFAT32IsNotJudgedByAByteOfItsTablesSize() throws {
    // Its count of clusters is that of a FAT16, whose state would be at 0x25. There it has a byte of the table's size.
    let bytes = FAT(clusterSize: 1, reserved: 32, rootEntries: 0, sectors32: 65536, tableSize32: 0x1ff).bytes
    #expect(bytes[0x25] & 1 == 1)
    #expect(try #require(FileSystemHeader(bytes)).isClean)
  }

  @Test("the count of clusters decides", arguments: [(4084, .fat12), (4085, .fat16)] as [(Int, FileSystemHeader.Kind)])
  func clusters(count: Int, kind: FileSystemHeader.Kind) {
    for leftOver in [0, 3] {
      let sectors = 1 + 2 * 16 + 32 + count * 4 + leftOver
      #expect(FileSystemHeader(FAT(sectors16: sectors, tableSize16: 16).bytes)?.kind == kind)
      #expect(FileSystemHeader(FAT(tableSize16: 16, sectors32: sectors).bytes)?.kind == kind)
    }
  }

  @Test func aRootDirectoryTakesWholeSectors() {
    let sectors = 1 + 2 * 16 + 2 + 4085
    #expect(
      FileSystemHeader(FAT(clusterSize: 1, rootEntries: 17, sectors16: sectors, tableSize16: 16).bytes)?.kind == .fat16)
    #expect(
      FileSystemHeader(FAT(clusterSize: 1, rootEntries: 33, sectors16: sectors, tableSize16: 16).bytes)?.kind == .fat12)
  }

  @Test(
    "boot sectors that are none",
    arguments: [
      FAT(sectorSize: 0, sectors16: 8192, tableSize16: 6), FAT(sectorSize: 513, sectors16: 8192, tableSize16: 6),
      FAT(sectorSize: 8192, sectors16: 8192, tableSize16: 6), FAT(clusterSize: 0, sectors16: 8192, tableSize16: 6),
      FAT(clusterSize: 3, sectors16: 8192, tableSize16: 6), FAT(reserved: 0, sectors16: 8192, tableSize16: 6),
      FAT(tables: 0, sectors16: 8192, tableSize16: 6), FAT(sectors16: 8192, media: 0xf1, tableSize16: 6),
      FAT(sectors16: 8192, media: 0, tableSize16: 6), FAT(sectors16: 8192), FAT(tableSize16: 6),
      FAT(sectors16: 44, tableSize16: 6), FAT(sectors16: 8192, tableSize32: 0xffff_ffff),
      FAT(tables: 255, rootEntries: 0xffff, sectors32: 0xffff_ffff, tableSize32: 0xffff_ffff),
    ])
  func noFAT(sample: FAT) {
    #expect(FileSystemHeader(sample.bytes) == nil)
  }

  @Test func aBootSectorHasItsSignature() {
    var bytes = FAT.fat16.bytes
    bytes[510] = 0
    #expect(FileSystemHeader(bytes) == nil)
    #expect(FileSystemHeader(Array(FAT.fat16.bytes[..<512])) == FileSystemHeader(FAT.fat16.bytes))
  }

  @Test func theLargestNumbersAreStillOne() {
    let sample = FAT(clusterSize: 128, tables: 255, rootEntries: 0xffff, sectors32: 0xffff_ffff, tableSize32: 0xff_ffff)
    #expect(FileSystemHeader(sample.bytes)?.kind == .fat32)
  }

  @Test(
    "ext with and without a journal",
    arguments: [
      // As made or unmounted; mounted without a journal; with an error met.
      (.plain, false, true, false), (Ext(state: 0), false, false, true), (Ext(state: 3), false, false, true),
      (Ext(state: 2), false, false, true), (Ext(state: 4), false, false, true), (Ext(state: 5), false, true, false),
      // As made; mounted, which leaves the first bit and asks for the journal; with an error met.
      (.journal, true, true, false), (Ext(compatible: 0x3c, incompatible: 0x2c6), true, false, false),
      (Ext(state: 3, compatible: 0x3c), true, false, true),
      (Ext(state: 3, compatible: 0x3c, incompatible: 0x2c6), true, false, true),
      // Mounted with noload: no journal tells what was written.
      (Ext(state: 0, compatible: 0x3c), true, false, true), (Ext(blockSize: 6), false, true, false),
    ] as [(Ext, Bool, Bool, Bool)])
  func ext(sample: Ext, hasJournal: Bool, isClean: Bool, needsCheck: Bool) throws {
    let header = try #require(FileSystemHeader(sample.bytes))
    #expect(header.kind == .ext(hasJournal: hasJournal) && header.checker == "fsck.ext4")
    #expect(header.isClean == isClean && header.needsCheck == needsCheck)
  }

  @Test(
    "superblocks that are none",
    arguments: [
      Ext(magic: 0), Ext(magic: 0x53ef), Ext(inodes: 0), Ext(blockSize: 7), Ext(blockSize: 0xffff_ffff),
      // The journal of another file system, on a device of its own.
      Ext(incompatible: 0x8),
    ])
  func noExt(sample: Ext) {
    #expect(FileSystemHeader(sample.bytes) == nil)
  }

  @Test func aBootLoaderInFrontOfExtIsNoFAT() {
    var bytes = Ext.plain.bytes
    bytes[0] = 0xeb
    bytes[510] = 0x55
    bytes[511] = 0xaa
    #expect(FileSystemHeader(bytes)?.kind == .ext(hasJournal: false))
  }

  @Test func aFATOverWhatWasAnExtIsAFAT() {
    var bytes = Ext.journal.bytes
    bytes.replaceSubrange(..<512, with: FAT.fat32.bytes[..<512])
    #expect(FileSystemHeader(bytes)?.kind == .fat32)
  }

  @Test(
    "devices with something else",
    arguments: [
      [], [0xeb], [UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0xff, count: 4096),
      image([(510, 2, 0xaa55)]),
    ])
  func nothing(bytes: [UInt8]) {
    #expect(FileSystemHeader(bytes) == nil)
  }

  @Test("cut anywhere it is known or not", arguments: [FAT.fat12.bytes, FAT.fat32.bytes, Ext.journal.bytes])
  func cut(bytes: [UInt8]) {
    let whole = FileSystemHeader(bytes)
    for cut in 0...2048 {
      let header = FileSystemHeader(Array(bytes[..<cut]))
      #expect(header == nil || header == whole, "cut at byte \(cut)")
    }
  }

  @Test("random bytes with the marks of both never trap", arguments: [1, 2, 3] as [UInt64])
  func random(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    var base = FAT.fat16.bytes
    base.replaceSubrange(1024..., with: Ext.journal.bytes[1024...])
    for _ in 0..<2000 {
      var bytes = base
      for _ in 0..<8 {
        bytes[Int.random(in: 0..<0x60, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
        bytes[1024 + Int.random(in: 0..<0x64, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      if let header = FileSystemHeader(bytes) { #expect(!(header.isClean && header.needsCheck)) }
    }
  }
}
