import LbudCore
import Testing

@Suite("What blkid says")
struct BlockIdentityTests {
  @Test(
    "lines of both programs",
    arguments: [
      (
        "/dev/sda1: LABEL=\"a b\" UUID=\"1B4E-28BA\" TYPE=\"vfat\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "a b".bytes, uuid: "1B4E-28BA".bytes, type: "vfat")
      ),
      // util-linux: more tags, and those with similar names are other ones.
      (
        "/dev/sda1: LABEL_FATBOOT=\"x\" LABEL=\"l\" UUID=\"u\" UUID_SUB=\"y\" BLOCK_SIZE=\"512\" TYPE=\"btrfs\" "
          + "PARTLABEL=\"p\" PARTUUID=\"z-01\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "l".bytes, uuid: "u".bytes, type: "btrfs")
      ),
      ("/dev/sda1: UUID=\"u\" ", BlockIdentity(device: "/dev/sda1".bytes, uuid: "u".bytes)),
      ("/dev/sda1: PARTUUID=\"z-01\"", BlockIdentity(device: "/dev/sda1".bytes)),
      ("/dev/sda1: LABEL=\"\" TYPE=\"ext4\" ", BlockIdentity(device: "/dev/sda1".bytes, label: [], type: "ext4")),
      // util-linux escapes, busybox does not.
      (
        "/dev/sda1: LABEL=\"q\\\"u\\\\o\\n\" TYPE=\"ext4\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "q\"u\\o\\n".bytes, type: "ext4")
      ),
      (
        "/dev/sda1: LABEL=\"q\"u\\o\" UUID=\"u\" TYPE=\"ext4\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "q\"u\\o".bytes, uuid: "u".bytes, type: "ext4")
      ),
      (
        "/dev/sda1: LABEL=\"a\\\" UUID=\"u\" TYPE=\"ext4\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "a\\".bytes, uuid: "u".bytes, type: "ext4")
      ),
      (
        "/dev/sda1: LABEL=\"a\"B=\"c\" UUID=\"u\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "a\"B=\"c".bytes, uuid: "u".bytes)
      ),
      (
        "/dev/sda1: LABEL=\"a: B=\" UUID=\"u\"",
        BlockIdentity(device: "/dev/sda1".bytes, label: "a: B=".bytes, uuid: "u".bytes)
      ),
      (
        "/dev/disk/by-path/pci-0000:00:14.0-usb: UUID=\"u\"",
        BlockIdentity(device: "/dev/disk/by-path/pci-0000:00:14.0-usb".bytes, uuid: "u".bytes)
      ),
    ])
  func line(text: String, expected: BlockIdentity) {
    #expect(BlockIdentity.parse(text.bytes) == [expected])
    #expect(BlockIdentity.parse("\(text)\n\(text)\n".bytes) == [expected, expected])
  }

  @Test func aLabelThatForgesATagOfBusyboxDoesNotReplaceTheRealOne() {
    let text = "/dev/sdb1: LABEL=\"x\" UUID=\"1B4E-28BA\" UUID=\"FFFF-FFFF\" TYPE=\"vfat\"\n"
    #expect(BlockIdentity.parse(text.bytes).map(\.uuid) == ["FFFF-FFFF".bytes])
  }

  @Test(
    "lines that are none",
    arguments: [
      "", ":", ": ", "/dev/sda1", "/dev/sda1:", "/dev/sda1: ", ": UUID=\"u\"", "/dev/sda1: UUID", "/dev/sda1: UUID=",
      "/dev/sda1: UUID=\"", "/dev/sda1: UUID=\"u", "/dev/sda1: ID-X=\"u\"", "/dev/sda1: =\"u\"", "/dev/sda1: \"u\"",
      "/dev/sda1:UUID=\"u\"",
    ])
  func noLine(line: String) {
    #expect(BlockIdentity.parse(line.bytes).isEmpty)
    #expect(BlockIdentity.parse("\(line)\n/dev/sdb1: UUID=\"u\"\n".bytes).map(\.device) == ["/dev/sdb1".bytes])
  }

  static let sample = BlockIdentity(
    device: "/dev/sda1".bytes, label: "ALPINE".bytes, uuid: "1B4E-28ba".bytes, type: "vfat")

  @Test(
    "which device is meant",
    arguments: [
      (.path("/dev/sda1".bytes), true), (.path("/dev/sda".bytes), false), (.label("ALPINE".bytes), true),
      (.label("alpine".bytes), false), (.label("ALPIN".bytes), false), (.uuid("1b4e-28BA".bytes), true),
      (.uuid("1b4e28BA".bytes), false), (.uuid([]), false), (.other("PARTUUID=1B4E-28ba".bytes), false),
      (.other("/dev/sda1".bytes), false),
    ] as [(FileSystemTable.Entry.Specification, Bool)])
  func matches(specification: FileSystemTable.Entry.Specification, expected: Bool) {
    #expect(Self.sample.matches(specification) == expected)
  }

  @Test func nothingMatchesWhatADeviceDoesNotHave() {
    let bare = BlockIdentity(device: "/dev/sda1".bytes)
    #expect(!bare.matches(.label([])) && !bare.matches(.uuid([])))
  }

  /// What blkid of util-linux 2.38 printed for the labels.
  @Test(
    "a label that util-linux prints in other characters",
    arguments: [
      ("größe", "grM-CM-6M-CM-^_e"), ("À", "M-CM-^@"), ("tab\tx", "tab^Ix"), ("del\u{7f}", "del^?"),
      ("\u{e2}\u{80}\u{a2}", "M-CM-\\\"M-BM-^@M-BM-\\\""),
    ])
  func printedLabel(label: String, printed: String) throws {
    let identity = try #require(BlockIdentity.parse("/dev/sda1: LABEL=\"\(printed)\"\n".bytes).first)
    #expect(identity.matches(.label(label.bytes)))
    #expect(!identity.matches(.label((label + "x").bytes)))
    let plain = try #require(BlockIdentity.parse("/dev/sda1: LABEL=\"\(label)\"\n".bytes).first)
    #expect(plain.matches(.label(label.bytes)))
  }

  @Test func cutAnywhereNoValueIsAPartOfOne() {
    let whole = BlockIdentity(device: "/dev/sda1".bytes, label: "a\\\"b".bytes, uuid: "AB-CD".bytes, type: "vfat")
    let bytes = "/dev/sda1: LABEL=\"a\\\\\\\"b\" UUID=\"AB-CD\" TYPE=\"vfat\"\n".bytes
    #expect(BlockIdentity.parse(bytes) == [whole])
    for cut in bytes.indices {
      for identity in BlockIdentity.parse(Array(bytes[..<cut])) {
        #expect(identity.device == whole.device, "cut at byte \(cut)")
        #expect(identity.uuid == nil || identity.uuid == whole.uuid, "cut at byte \(cut)")
        #expect(identity.type == nil || identity.type == whole.type, "cut at byte \(cut)")
      }
    }
  }

  @Test("bytes changed anywhere never stop the reader", arguments: [0, 10, 32, 34, 61, 92, 255] as [UInt8])
  func damaged(byte: UInt8) {
    let bytes = "/dev/sda1: LABEL=\"a b\" UUID=\"AB-CD\" TYPE=\"vfat\"\n".bytes
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] = byte
      #expect(BlockIdentity.parse(damaged).count <= 2, "byte \(index)")
    }
  }
}
