import LbudCore
import LbudTestSupport
import Testing

@Suite("Which file system a device holds")
struct FileSystemIdentityTests {
  /// A device of nothing but these bytes.
  static func device(_ pieces: [(Int, [UInt8])], size: Int = FileSystemIdentity.length) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    for (offset, piece) in pieces { bytes.replaceSubrange(offset..<(offset + piece.count), with: piece) }
    return bytes
  }

  static let uuid = (0..<16).map { UInt8($0) }
  static let uuidText = "00010203-0405-0607-0809-0a0b0c0d0e0f"

  @Test(
    "by its magic number",
    arguments: [
      ("xfs", [(0, "XFSB".bytes)]), ("crypto_LUKS", [(0, "LUKS".bytes + [0xba, 0xbe, 0, 1])]),
      ("squashfs", [(0, "hsqs".bytes)]), ("ntfs", [(3, "NTFS    ".bytes)]), ("exfat", [(3, "EXFAT   ".bytes)]),
      ("f2fs", [(1024, [0x10, 0x20, 0xf5, 0xf2])]), ("erofs", [(1024, [0xe2, 0xe1, 0xf5, 0xe0])]),
      ("btrfs", [(65_600, "_BHRfS_M".bytes)]), ("iso9660", [(32_769, "CD001".bytes)]),
      ("swap", [(4086, "SWAPSPACE2".bytes)]), ("swap", [(65_526, "SWAPSPACE2".bytes)]),
      ("LVM2_member", [(512, "LABELONE".bytes), (536, "LVM2 001".bytes)]),
      ("linux_raid_member", [(4096, [0xfc, 0x4e, 0x2b, 0xa9])]),
    ] as [(String, [(Int, [UInt8])])])
  func magic(type: String, pieces: [(Int, [UInt8])]) {
    let bytes = Self.device(pieces)
    #expect(FileSystemIdentity(bytes)?.type == type)
    // A device may end anywhere.
    for count in [0, 1, 511, 1024, 4095, 32_770] { _ = FileSystemIdentity(Array(bytes.prefix(count))) }
  }

  @Test("names")
  func names() {
    let btrfs = Self.device([(65_600, "_BHRfS_M".bytes), (65_568, Self.uuid), (65_835, "my disk".bytes)])
    #expect(
      FileSystemIdentity(btrfs)
        == FileSystemIdentity(type: "btrfs", label: "my disk".bytes, uuid: Self.uuidText.bytes))
    let xfs = Self.device([(0, "XFSB".bytes), (32, Self.uuid), (108, "twelve bytes".bytes)])
    #expect(
      FileSystemIdentity(xfs) == FileSystemIdentity(type: "xfs", label: "twelve bytes".bytes, uuid: Self.uuidText.bytes)
    )
    let iso = Self.device([(32_769, "CD001".bytes), (32_808, "alpine 3.22 x86_64              ".bytes)])
    #expect(FileSystemIdentity(iso) == FileSystemIdentity(type: "iso9660", label: "alpine 3.22 x86_64".bytes))
  }

  static func ext(incompatible: UInt8, readOnlyCompatible: UInt8, journal: Bool) -> [UInt8] {
    device([
      (1024, [1]), (1024 + 0x38, [0x53, 0xef]), (1024 + 0x3a, [1]), (1024 + 0x5c, [journal ? 4 : 0]),
      (1024 + 0x60, [incompatible]), (1024 + 0x64, [readOnlyCompatible]), (1024 + 0x68, uuid),
      (1024 + 0x78, "APKOVL".bytes),
    ])
  }

  @Test(
    "ext2, ext3 and ext4 are told apart as mount(8) needs it",
    arguments: [
      ("ext2", 0x02, 0x03, false), ("ext3", 0x06, 0x03, true), ("ext4", 0x42, 0x03, true), ("ext4", 0x42, 0x03, false),
      ("ext4", 0x02, 0x10, false),
    ] as [(String, UInt8, UInt8, Bool)])
  func ext(type: String, incompatible: UInt8, readOnlyCompatible: UInt8, journal: Bool) {
    let bytes = Self.ext(incompatible: incompatible, readOnlyCompatible: readOnlyCompatible, journal: journal)
    #expect(
      FileSystemIdentity(bytes) == FileSystemIdentity(type: type, label: "APKOVL".bytes, uuid: Self.uuidText.bytes))
  }

  static func fat32(signature: UInt8, label: String) -> [UInt8] {
    device([
      (0x0b, [0, 2]), (0x0d, [1]), (0x0e, [32, 0]), (0x10, [2]), (0x15, [0xf8]), (0x20, [0, 0, 2, 0]), (0x24, [0, 4]),
      (0x42, [signature, 0x78, 0x56, 0x34, 0x12]), (0x47, label.bytes), (510, [0x55, 0xaa]),
    ])
  }

  @Test("vfat's serial number and label")
  func fat() {
    #expect(
      FileSystemIdentity(Self.fat32(signature: 0x29, label: "APKOVL     "))
        == FileSystemIdentity(type: "vfat", label: "APKOVL".bytes, uuid: "1234-5678".bytes))
    #expect(
      FileSystemIdentity(Self.fat32(signature: 0x29, label: "NO NAME    "))
        == FileSystemIdentity(type: "vfat", uuid: "1234-5678".bytes))
    #expect(FileSystemIdentity(Self.fat32(signature: 0, label: "APKOVL     ")) == FileSystemIdentity(type: "vfat"))
  }

  @Test("nothing, and noise, is nothing")
  func nothing() {
    #expect(FileSystemIdentity(Self.device([])) == nil)
    var numbers = SeededNumbers(seed: 1)
    for _ in 0..<50 {
      let noise = (0..<FileSystemIdentity.length).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      #expect(FileSystemIdentity(noise) == nil)
    }
  }

  @Test(
    "what the boot loader can read",
    arguments: [
      ("vfat", nil), ("ext4", nil), ("ext2", nil), ("btrfs", "the boot loader cannot read btrfs, only vfat and ext4"),
      ("iso9660", "iso9660 cannot be written to"), ("swap", "it is swap space"),
      ("tmpfs", "it is only memory, and gone after a reboot"),
      (nil, "there is no file system on it, or none that is known here"),
    ] as [(String?, String?)])
  func readability(type: String?, why: String?) {
    #expect(BootReadability(type: type).why == why)
  }
}
