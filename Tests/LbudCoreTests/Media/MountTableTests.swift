import LbudCore
import Testing

@Suite("What is mounted where")
struct MountTableTests {
  /// A diskless box with a stick, a bind mount of a part of it, a name with a blank, and a source that is empty.
  static let text = """
    1 1 0:2 / / rw - rootfs rootfs rw,size=499384k
    20 1 0:19 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
    30 1 8:1 / /media/usb ro,relatime shared:7 master:2 - vfat /dev/sda1 ro,fmask=0022,utf8,errors=remount-ro
    31 30 8:1 /cache /var/cache/apk rw,noatime - vfat /dev/sda1 rw,fmask=0022
    32 1 7:0 / /.modloop ro,relatime - squashfs /dev/loop0 ro,errors=continue
    33 1 8:17 / /media/my\\040disk\\011\\134 rw - ext4 /dev/disk/by-label/my\\x20disk rw,sync
    34 1 0:40 / /tmp rw - tmpfs  rw

    """
  static let table = MountTable(parsing: text.bytes)

  @Test func everyFieldOfALine() throws {
    #expect(Self.table.mounts.map(\.id) == [1, 20, 30, 31, 32, 33, 34])
    #expect(
      Self.table.mounts[2]
        == Mount(
          id: 30, parent: 1, deviceMajor: 8, deviceMinor: 1, root: "/".bytes, point: "/media/usb".bytes,
          options: ["ro", "relatime"], type: "vfat", source: "/dev/sda1".bytes,
          superOptions: ["ro", "fmask=0022", "utf8", "errors=remount-ro"]))
    #expect(Self.table.mounts[5].point == "/media/my disk\t\\".bytes)
    // udev's own escapes are part of the name.
    #expect(Self.table.mounts[5].source == "/dev/disk/by-label/my\\x20disk".bytes)
    #expect(Self.table.mounts[6].source.isEmpty && Self.table.mounts[6].type == "tmpfs")
    #expect(Self.table.mounts[6].superOptions == ["rw"])
  }

  @Test func aBindMountShowsAPartOfItsFileSystem() {
    #expect(Self.table.mounts.filter(\.isBind).map(\.id) == [31])
    #expect(Self.table.mounts[3].root == "/cache".bytes)
  }

  @Test(
    "the mount at a point",
    arguments: [
      ("/media/usb", 30), ("/media/usb/", 30), ("//media///usb//", 30), ("/", 1), ("//", 1), ("/media", nil),
      ("/media/us", nil), ("/media/usb2", nil), ("/media/usb/cache", nil), ("/media/my disk\t\\", 33),
      ("/media/my\\040disk", nil), ("/var/cache/apk", 31),
    ] as [(String, Int?)])
  func at(point: String, id: Int?) {
    #expect(Self.table.mount(at: point.bytes)?.id == id)
  }

  @Test(
    "the mount that holds a path",
    arguments: [
      ("/media/usb", 30), ("/media/usb/LBUD/a", 30), ("/media/usb2", 1), ("/media/us", 1), ("/", 1), ("/etc", 1),
      ("//media//usb///a//", 30), ("/var/cache/apk/x", 31), ("/var/cache", 1), ("/tmp/", 34),
    ])
  func holding(path: String, id: Int) {
    #expect(Self.table.mount(holding: path.bytes)?.id == id)
  }

  @Test func nothingHoldsAPathWhereNothingIsMounted() {
    #expect(MountTable().mount(holding: "/media/usb".bytes) == nil)
    #expect(MountTable().mount(at: "/".bytes) == nil)
    // In a chroot whose root directory is no mount there is no line for it.
    #expect(MountTable(mounts: [Self.table.mounts[1]]).mount(holding: "/etc".bytes) == nil)
  }

  @Test func theOthersOfADevice() {
    #expect(Self.table.others(of: Self.table.mounts[2]).map(\.id) == [31])
    #expect(Self.table.others(of: Self.table.mounts[3]).map(\.id) == [30])
    #expect(Self.table.others(of: Self.table.mounts[4]).isEmpty)
    var remounted = Self.table.mounts[2]
    remounted.options = ["rw"]
    #expect(Self.table.others(of: remounted).map(\.id) == [31], "it is itself whatever its options were")
  }

  @Test(
    "several at one point",
    arguments: [
      // Each on the one before it. The first file system of all is its own parent.
      ([(5, 1), (6, 5), (7, 6)], 7), ([(1, 1), (5, 1)], 5),
      // The upper one was made first, and attached last: Linux lists them as they were made.
      ([(5, 6), (6, 1)], 5),
      // Put beneath the one that was there.
      ([(5, 7), (7, 1)], 5), ([(5, 7), (6, 5), (7, 1)], 6),
      // What the kernel never says must not leave the point without any.
      ([(5, 6), (6, 5)], 6), ([(5, 5), (5, 5)], 5),
    ] as [([(Int, Int)], Int)])
  func stacked(stack: [(id: Int, parent: Int)], top: Int) {
    let lines = stack.map { "\($0.id) \($0.parent) 8:1 / /media/usb rw - vfat /dev/sda1 rw\n" }
    let table = MountTable(parsing: lines.joined().bytes)
    #expect(table.mounts.count == stack.count)
    #expect(table.mount(at: "/media/usb".bytes)?.id == top)
    #expect(table.mount(holding: "/media/usb/a".bytes)?.id == top)
  }

  @Test(
    "lines that are none",
    arguments: [
      "", " ", "x", "30 1 8:1 / /m rw", "30 1 8:1 / /m rw vfat /dev/sda1 rw", "30 1 8:1 / /m rw - vfat /dev/sda1",
      "30 1 8:1 / /m rw - vfat", "30 1 8:1 / /m rw -", "30 1 8 / /m rw - vfat /dev/sda1 rw",
      "30 1 8:1:2 / /m rw - vfat /dev/sda1 rw", "30 1 8:x / /m rw - vfat /dev/sda1 rw",
      "30 1 8:4294967296 / /m rw - vfat /dev/sda1 rw", "30 1 -8:1 / /m rw - vfat /dev/sda1 rw",
      "x 1 8:1 / /m rw - vfat /dev/sda1 rw", "30 x 8:1 / /m rw - vfat /dev/sda1 rw",
      "99999999999999999999 1 8:1 / /m rw - vfat /dev/sda1 rw", "30 1 8:1  /m rw - vfat /dev/sda1 rw",
      "30 1 8:1 / m rw - vfat /dev/sda1 rw", "30  1 8:1 / /m rw - vfat /dev/sda1 rw", "- - - - - - - - - - - -",
    ])
  func noLine(line: String) {
    let good = "31 1 8:1 / /m rw - vfat /dev/sda1 rw\n"
    #expect(MountTable(parsing: (line + "\n" + good).bytes).mounts.map(\.id) == [31])
  }

  @Test func cutAnywhereOnlyWholeLinesCount() {
    let bytes = Self.text.bytes
    for cut in 0...bytes.count {
      let lines = bytes[..<cut].count { $0 == UInt8(ascii: "\n") }
      #expect(
        MountTable(parsing: Array(bytes[..<cut])).mounts == Array(Self.table.mounts[..<lines]), "cut at byte \(cut)")
    }
  }

  @Test("bytes changed anywhere never stop the reader", arguments: [0, 10, 32, 45, 92, 255] as [UInt8])
  func damaged(byte: UInt8) {
    for index in Self.text.bytes.indices {
      var bytes = Self.text.bytes
      bytes[index] = byte
      #expect(MountTable(parsing: bytes).mounts.count >= Self.table.mounts.count - 2, "byte \(index)")
    }
  }

  @Test func aCommaInAValueDoesNotEndIt() {
    let table = MountTable(parsing: "30 1 0:40 / /m rw - overlay o rw,lowerdir=/a\\054ro:/b\\040c\n".bytes)
    #expect(table.mounts.map(\.superOptions) == [["rw", "lowerdir=/a,ro:/b c"]])
    #expect(table.mounts.allSatisfy { !$0.isReadOnly })
  }

  @Test func aPointNeedNotBeText() {
    let line = "30 1 8:1 / /media/".bytes + [0xff, 0xfe] + " rw - vfat /dev/sda1 rw\n".bytes
    #expect(MountTable(parsing: line).mount(at: "/media/".bytes + [0xff, 0xfe])?.id == 30)
  }
}

@Suite("Octal escapes of mountinfo and fstab")
struct OctalEscapeTests {
  @Test(
    arguments: [
      ("/plain", "/plain"), ("/a\\040b", "/a b"), ("/\\011\\012\\043\\134", "/\t\n#\\"), ("/\\134040", "/\\040"),
      ("/a\\", "/a\\"), ("/a\\0", "/a\\0"), ("/a\\04", "/a\\04"), ("/a\\048", "/a\\048"), ("/a\\400", "/a\\400"),
      ("/a\\777", "/a\\777"), ("/\\\\040", "/\\ "), ("/a\\x20", "/a\\x20"),
      // A NUL would end the name in a system call.
      ("/a\\000b", "/a\\000b"), ("/\\303\\266", "/ö"),
    ])
  func decoded(field: String, expected: String) {
    let table = MountTable(parsing: "30 1 8:1 / \(field) rw - vfat /dev/sda1 rw\n".bytes)
    #expect(table.mounts.map(\.point) == [expected.bytes])
  }

  @Test func aByteThatIsNoTextComesBack() {
    #expect(
      MountTable(parsing: "30 1 8:1 / /\\377\\200 rw - vfat x rw\n".bytes).mounts.map(\.point) == [[0x2f, 0xff, 0x80]])
  }
}
