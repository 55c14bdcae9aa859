import Testing

@testable import LbudCore

/// What the box is called, and where its media is mounted, now and after a boot.
@Suite struct NameAndTableCheckTests {
  private static let usb = "LABEL=A /media/usb vfat noauto,ro 0 0\n"

  private static func table(
    _ running: String, saved: SavedFile, isMountPoint: Bool = true, mounted: String? = nil, isNamed: Bool? = nil
  ) -> TableFacts {
    TableFacts(
      point: "/media/usb".bytes, isMountPoint: isMountPoint, running: FileSystemTable(parsing: running.bytes),
      saved: saved, mounted: mounted?.bytes, isNamedDevice: isNamed)
  }

  @Test(
    arguments: [
      (
        table(usb, saved: .content(usb.bytes), mounted: "/dev/sdb1", isNamed: true),
        Check(.fstab, .ok, "/etc/fstab has LABEL=A for /media/usb, after a boot too")
      ),
      (table(usb, saved: .ofPackage), Check(.fstab, .ok, "/etc/fstab has LABEL=A for /media/usb, after a boot too")),
      // The rest of it does not matter.
      (
        table(usb, saved: .content("# a comment\n\(usb)x /y z\n".bytes)),
        Check(.fstab, .ok, "/etc/fstab has LABEL=A for /media/usb, after a boot too")
      ),
      (
        table(usb, saved: .content("LABEL=B /media/usb ext4\n".bytes)),
        .failed(
          .fstab, "/etc/fstab has for /media/usb LABEL=A vfat (noauto,ro), and after a boot LABEL=B ext4",
          remedy: "lbuctl commit")
      ),
      (
        table(usb, saved: .unsaved),
        .failed(
          .fstab, "/etc/fstab has for /media/usb LABEL=A vfat (noauto,ro), and after a boot no line",
          remedy: "lbuctl commit")
      ),
      (
        table("", saved: .content(usb.bytes)),
        .failed(
          .fstab, "/etc/fstab has for /media/usb no line, and after a boot LABEL=A vfat (noauto,ro)",
          remedy: "lbuctl commit")
      ),
      (
        table(usb, saved: .leftOut),
        .failed(
          .fstab,
          "/etc/fstab, which has a line for /media/usb, is left out of snapshots: after a boot it is another one",
          remedy: "lbuctl include /etc/fstab, then: lbuctl commit")
      ),
      (
        table(usb, saved: .content(usb.bytes), mounted: "/dev/sdc1", isNamed: false),
        .failed(
          .fstab, "/etc/fstab has LABEL=A for /media/usb, where /dev/sdc1 is mounted now",
          remedy: "mend the line, or mount what it names, then: lbuctl commit")
      ),
      (
        table("", saved: .leftOut, mounted: "/dev/sdc1"),
        Check(
          .fstab, .warning,
          "/etc/fstab has no line for /media/usb: whether it is mounted there after a boot is left to the boot loader",
          remedy: "lbuctl setup media adds one")
      ),
      (
        table("", saved: .ofPackage, isMountPoint: false, mounted: "/dev/sdc1"),
        Check(.fstab, .ok, "/etc/fstab has no line for /media/usb, and after a boot neither")
      ),
      (
        table(usb, saved: .unknown),
        .skipped(.fstab, "what /etc/fstab is after a boot cannot be told without a snapshot")
      ),
    ] as [(TableFacts, Check)])
  func fstab(facts: TableFacts, expected: Check) { #expect(Check.fstab(facts) == expected) }

  @Test func theLineOfADirectoryAboveCountsToo() {
    let table = FileSystemTable(parsing: "a / ext4\nb /media/usb vfat\nc /media vfat\n".bytes)
    #expect(TableFacts.entry(table, holding: "/media/usb/backups".bytes)?.spec == "b".bytes)
    #expect(TableFacts.entry(table, holding: "/media/cdrom".bytes)?.spec == "c".bytes)
    // The root is what boots, not what the media is on.
    #expect(TableFacts.entry(table, holding: "/backup".bytes) == nil)
  }

  private static func name(_ inFile: String?, _ saved: SavedFile, snapshot: String? = "box") -> HostNameFacts {
    HostNameFacts(host: "box", inFile: inFile?.bytes, saved: saved, ofSnapshot: snapshot?.bytes)
  }

  @Test(
    arguments: [
      (name("box", .content("box\n".bytes)), Check(.hostname, .ok, "the box is called box, after a boot too")),
      (name("box", .ofPackage, snapshot: nil), Check(.hostname, .ok, "the box is called box, after a boot too")),
      (name("box", .unknown), Check(.hostname, .ok, "the box is called box, after a boot too")),
      (
        name(nil, .content("box\n".bytes)),
        .failed(
          .hostname, "the box is called box, and there is no name in /etc/hostname: after a boot it has none",
          remedy: "echo box >/etc/hostname, then: lbuctl commit")
      ),
      (
        name("new", .content("new\n".bytes)),
        .failed(
          .hostname, "the box is called box, and after a boot new, as /etc/hostname says",
          remedy: "hostname -F /etc/hostname, or write box to it; then: lbuctl commit")
      ),
      (
        name("box", .content("box\n".bytes), snapshot: "a\nb"),
        .failed(
          .hostname, "the box is called box, and what boots is named after a\\nb", remedy: "lbuctl commit")
      ),
      (
        name("box", .content("old\n".bytes)),
        .failed(
          .hostname, "the box is called box, and the snapshot's /etc/hostname has old", remedy: "lbuctl commit")
      ),
      (
        name("box", .content([])),
        .failed(
          .hostname, "the box is called box, and the snapshot's /etc/hostname has no name", remedy: "lbuctl commit")
      ),
      (
        name("box", .unsaved),
        .failed(
          .hostname, "the box is called box, and the snapshot has no /etc/hostname", remedy: "lbuctl commit")
      ),
      (
        name("box", .leftOut),
        .failed(
          .hostname, "/etc/hostname is left out of snapshots: after a boot the box is not called box",
          remedy: "lbuctl include /etc/hostname, then: lbuctl commit")
      ),
    ] as [(HostNameFacts, Check)])
  func hostName(facts: HostNameFacts, expected: Check) { #expect(Check.hostName(facts) == expected) }

  @Test(arguments: [
    ("box\n", "box"), ("# a comment\n\nbox other\n", "box"), ("  box\r\n", "box"), ("", nil), ("#x\n", nil),
    (" \n", nil),
  ])
  func readsTheNameInItsFile(text: String, name: String?) {
    #expect(HostNameFacts.name(in: text.bytes) == name?.bytes)
  }

  @Test func whatBecomesOfAFile() {
    let rules = ProtectedPaths(lists: [.init(name: "lbu.list".bytes, content: "-etc/hostname\n".bytes)])
    let selection = Selection(paths: rules, database: InstalledDatabase())
    let path = BytePath("etc/hostname")
    func saved(_ path: BytePath, _ content: [UInt8]?, isSelected: Bool) -> SavedFile {
      SavedFile(path, content: content, isSelected: isSelected, selection: selection)
    }
    #expect(saved(path, [1], isSelected: false) == .content([1]))
    #expect(saved(path, nil, isSelected: false) == .leftOut)
    #expect(saved(path, nil, isSelected: true) == .unsaved)
    #expect(saved(BytePath("etc/fstab"), nil, isSelected: false) == .ofPackage)
    #expect(saved(BytePath("usr/fstab"), nil, isSelected: false) == .leftOut)
  }
}
