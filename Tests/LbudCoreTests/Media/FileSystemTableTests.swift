import LbudCore
import Testing

@Suite("The table of file systems")
struct FileSystemTableTests {
  static let text = """
    # /etc/fstab
      # an indented comment
    UUID=1B4E-28BA\t/media/usb\tvfat\tnoauto,ro 0 0
    /dev/sdb1  /media/my\\040disk  ext4  noauto,rw,noatime,x-initrd.mount,comment=a 0 2

    LABEL="my\\040disk" /media/label vfat
    /dev/sda2 none swap sw 0 0
    /dev/sda3 /swap swap sw 0 0
    tmpfs /tmp tmpfs nosuid,nodev 0 0
    /srv/a /media/bind none bind
    /dev/sdc1 /media/usb ext4 defaults 0 0
    /dev/cdrom /media/cdrom/ iso9660 noauto,ro
    """
  static let table = FileSystemTable(parsing: text.bytes)

  @Test(
    "the entry for a point",
    arguments: [
      ("/media/usb", "UUID=1B4E-28BA", "vfat", ["noauto", "ro"]),
      ("//media/usb/", "UUID=1B4E-28BA", "vfat", ["noauto", "ro"]),
      ("/media/my disk", "/dev/sdb1", "ext4", ["noauto", "rw", "noatime", "x-initrd.mount", "comment=a"]),
      ("/media/label", "LABEL=\"my disk\"", "vfat", []), ("/tmp", "tmpfs", "tmpfs", ["nosuid", "nodev"]),
      ("/media/bind", "/srv/a", "none", ["bind"]), ("/media/cdrom", "/dev/cdrom", "iso9660", ["noauto", "ro"]),
    ] as [(String, String, String, [String])])
  func entry(point: String, spec: String, type: String, options: [String]) throws {
    let entry = try #require(Self.table.entry(for: point.bytes))
    #expect(entry.spec == spec.bytes && entry.type == type && entry.options == options)
  }

  @Test("points without one", arguments: ["/media", "/", "none", "/none", "/swap", "/media/usb2", "", "#"])
  func noEntry(point: String) {
    #expect(Self.table.entry(for: point.bytes) == nil)
  }

  @Test(
    "lines that are none",
    arguments: [
      "", " \t ", "#", "#UUID=1 /m vfat rw", "/dev/sda1", "/dev/sda1 /m", "\t/dev/sda1 /m", "/dev/sda1 /m\u{0} vfat rw",
    ])
  func noLine(line: String) {
    #expect(FileSystemTable(parsing: line.bytes).entries.isEmpty)
    #expect(FileSystemTable(parsing: "\(line)\n/dev/sdb1 /m ext4\n".bytes).entries.map(\.type) == ["ext4"])
  }

  @Test func linesOfAnEditorForWindows() {
    let table = FileSystemTable(parsing: "/dev/sda1 /m vfat ro\r\n\r\n/dev/sdb1 /n ext4\r\n".bytes)
    #expect(table.entries.map(\.options) == [["ro"], []])
    #expect(table.entries.map(\.type) == ["vfat", "ext4"])
  }

  @Test(
    "what is mounted",
    arguments: [
      ("/dev/sda1", .path("/dev/sda1".bytes)),
      ("/dev/disk/by-label/a\\x20b", .path("/dev/disk/by-label/a\\x20b".bytes)),
      ("LABEL=ALPINE", .label("ALPINE".bytes)),
      ("LABEL=\"a\\040b\"", .label("a b".bytes)), ("LABEL='a'", .label("a".bytes)), ("LABEL=\"a", .label("\"a".bytes)),
      ("LABEL=\"", .label("\"".bytes)), ("LABEL=a\"", .label("a\"".bytes)), ("LABEL=\"a'", .label("\"a'".bytes)),
      ("LABEL=", .label([])), ("LABEL=\"\"", .label([])), ("UUID=1B4E-28BA", .uuid("1B4E-28BA".bytes)),
      ("UUID=\"1b4e-28ba\"", .uuid("1b4e-28ba".bytes)), ("PARTUUID=1-01", .other("PARTUUID=1-01".bytes)),
      ("PARTLABEL=boot", .other("PARTLABEL=boot".bytes)), ("ID=x", .other("ID=x".bytes)),
      ("label=x", .other("label=x".bytes)), ("LABEL", .other("LABEL".bytes)), ("tmpfs", .other("tmpfs".bytes)),
      ("none", .other("none".bytes)), ("nas:/backup", .other("nas:/backup".bytes)),
      ("//nas/backup", .other("//nas/backup".bytes)),
    ] as [(String, FileSystemTable.Entry.Specification)])
  func specification(spec: String, expected: FileSystemTable.Entry.Specification) throws {
    let table = FileSystemTable(parsing: "\(spec) /m vfat\n".bytes)
    #expect(try #require(table.entries.first).specification == expected)
  }

  @Test(
    "what mount -o is given",
    arguments: [
      ("defaults", []), ("noauto,ro", []), ("rw,noatime,sync", ["noatime", "sync"]),
      ("auto,user,nouser,users,nousers,owner,noowner,group,nogroup,_netdev,nofail", []),
      ("user=me,comment=systemd.automount,x-systemd.automount,x-gvfs-show,utf8", ["utf8"]),
      ("noauto,ro,umask=0077,iocharset=utf8", ["umask=0077", "iocharset=utf8"]),
      // Words that only begin like those.
      (
        "ro=1,rwx,automount,grpid,userxattr,comment,nofailure,xino=on",
        ["ro=1", "rwx", "automount", "grpid", "userxattr", "comment", "nofailure", "xino=on"]
      ),
      ("X-mount.subdir=a,context=\"a,b\"", ["X-mount.subdir=a", "context=\"a", "b\""]), (",,ro,,sync,", ["sync"]),
      ("a\\040b", ["a b"]),
      // An escaped comma must not carry a word past this.
      ("sync\\054ro,a\\134040", ["sync", "a\\040"]),
    ] as [(String, [String])])
  func mountOptions(options: String, expected: [String]) throws {
    let table = FileSystemTable(parsing: "/dev/sda1 /m vfat \(options) 0 0\n".bytes)
    #expect(try #require(table.entries.first).mountOptions == expected)
  }

  @Test func cutAnywhereTheWholeLinesCount() {
    let bytes = Self.text.bytes
    for cut in 0...bytes.count {
      let whole = bytes[..<cut].lastIndex(of: UInt8(ascii: "\n")).map { Array(bytes[...$0]) } ?? []
      let entries = FileSystemTable(parsing: Array(bytes[..<cut])).entries
      #expect(entries.starts(with: FileSystemTable(parsing: whole).entries), "cut at byte \(cut)")
    }
  }

  @Test("bytes changed anywhere never stop the reader", arguments: [0, 10, 32, 35, 92, 255] as [UInt8])
  func damaged(byte: UInt8) {
    for index in Self.text.bytes.indices {
      var bytes = Self.text.bytes
      bytes[index] = byte
      let entries = FileSystemTable(parsing: bytes).entries
      #expect(entries.count >= Self.table.entries.count - 2, "byte \(index)")
      for entry in entries { _ = (entry.specification, entry.mountOptions) }
    }
  }
}
