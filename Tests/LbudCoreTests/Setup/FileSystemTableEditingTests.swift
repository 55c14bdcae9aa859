import LbudCore
import Testing

@Suite("Editing fstab")
struct FileSystemTableEditingTests {
  @Test(
    "a line reads back as what it was made of",
    arguments: ["UUID=AB-CD", "LABEL=my disk", "/dev/a#b", "LABEL=back\\slash", "LABEL=a\tb\nc", "LABEL=ä"])
  func line(spec: String) throws {
    let line = FileSystemTable.line(spec: spec.bytes, point: "/media/my disk".bytes, type: "vfat")
    let entry = try #require(FileSystemTable(parsing: line).entry(for: "/media/my disk".bytes))
    #expect(entry.spec == spec.bytes && entry.type == "vfat" && entry.options == ["noauto", "ro"])
    #expect(!line.contains(UInt8(ascii: "\n")))
  }

  @Test("the line is what setup-lbu writes")
  func setupLbu() {
    let line = FileSystemTable.line(spec: "UUID=AB-CD".bytes, point: "/media/usb".bytes, type: "vfat")
    #expect(line == "UUID=AB-CD\t/media/usb\tvfat\tnoauto,ro 0 0".bytes)
  }

  @Test("a last line without its newline gets one", arguments: [("", "x\n"), ("a", "a\nx\n"), ("a\n", "a\nx\n")])
  func adding(before: String, after: String) {
    #expect(FileSystemTable.adding("x".bytes, to: before.bytes) == after.bytes)
  }

  @Test(
    "noauto goes, and nothing else",
    arguments: [
      ("U=1\t/media/usb\tvfat\tnoauto,ro 0 0\n", "U=1\t/media/usb\tvfat\tro 0 0\n"),
      ("U=1 /media/usb  vfat noauto", "U=1 /media/usb  vfat defaults"),
      ("U=1 /media/usb/ vfat ro,noauto,x-noauto 0 0\r\n", "U=1 /media/usb/ vfat ro,x-noauto 0 0\r\n"),
      (
        "# /media/usb\n/dev/a /a ext4 noauto\n/dev/b /media/usb ext4 rw,noauto,noatime\n/dev/c /media/usb ext4 noauto\n",
        "# /media/usb\n/dev/a /a ext4 noauto\n/dev/b /media/usb ext4 rw,noatime\n/dev/c /media/usb ext4 noauto\n"
      ),
    ])
  func noauto(before: String, after: String) {
    #expect(FileSystemTable.removingNoauto(at: "/media/usb".bytes, in: before.bytes) == after.bytes)
  }

  @Test(
    "nothing to take out",
    arguments: [
      "", "U=1 /media/usb vfat ro 0 0\n", "U=1 /media/usb vfat\n", "U=1 /media/usb2 vfat noauto\n",
      "#U=1 /media/usb vfat noauto",
    ]
  )
  func none(text: String) {
    #expect(FileSystemTable.removingNoauto(at: "/media/usb".bytes, in: text.bytes) == nil)
  }
}
