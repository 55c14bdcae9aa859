import LbudCore
import Testing

@Suite("Choosing the media")
struct MediaSetupTests {
  static func setup(
    _ choice: MediaChoice = .name("usb".bytes), name: String = "usb", type: String? = "vfat", uuid: String? = "AB-CD"
  ) -> MediaSetup {
    var setup = MediaSetup(
      choice: choice, name: name.bytes, isDirectory: true,
      device: .init(path: "/dev/sdb1".bytes, type: type, uuid: uuid?.bytes, isMounted: true))
    setup.configuration = "# LBU_MEDIA=usb\n".bytes
    return setup
  }

  static func refusal(_ setup: MediaSetup, force: Bool = false) -> String? {
    do throws(SetupRefusal) {
      _ = try setup.plan(force: force)
      return nil
    } catch {
      return error.description
    }
  }

  @Test("what setup-lbu does: a line by UUID, and LBU_MEDIA")
  func plain() throws {
    let plan = try Self.setup().plan(force: false)
    let line = "UUID=AB-CD\t/media/usb\tvfat\tnoauto,ro 0 0"
    #expect(
      plan.steps == [
        .addLine(line.bytes, text: (line + "\n").bytes), .setMedia("usb".bytes, text: "LBU_MEDIA=usb\n".bytes),
      ])
    #expect(
      plan.steps.map { $0.words(done: true) } == [
        "added to /etc/fstab: UUID=AB-CD /media/usb vfat noauto,ro 0 0", "set LBU_MEDIA=usb in /etc/lbu/lbu.conf",
      ])
    #expect(
      plan.steps.map { $0.words(done: false) }.first
        == "would add to /etc/fstab: UUID=AB-CD /media/usb vfat noauto,ro 0 0")
    #expect(plan.notes.isEmpty && plan.standing.isEmpty)
  }

  @Test("a second time there is nothing to do")
  func again() throws {
    var setup = Self.setup()
    setup.media = "usb"
    setup.entry = FileSystemTable.Entry(spec: "UUID=AB-CD".bytes, point: "/media/usb".bytes, type: "vfat", options: [])
    let plan = try setup.plan(force: false)
    #expect(plan.steps.isEmpty)
    #expect(
      plan.standing == [
        "/etc/fstab has a line for /media/usb already: UUID=AB-CD vfat", "/etc/lbu/lbu.conf has LBU_MEDIA=usb already",
      ])
  }

  @Test("a line of another device stays, with a warning")
  func otherDevice() throws {
    var setup = Self.setup()
    setup.entry = FileSystemTable.Entry(spec: "UUID=1".bytes, point: "/media/usb".bytes, type: "vfat", options: [])
    setup.otherDevice = "/dev/sdc1".bytes
    let plan = try setup.plan(force: false)
    #expect(plan.steps.count == 1)
    #expect(
      plan.notes == [
        "the line for /media/usb in /etc/fstab is of another device, UUID=1 (/dev/sdc1), and this is /dev/sdb1: after a"
          + " reboot that one is there; mend the line"
      ])
  }

  @Test(
    "how fstab names it",
    arguments: [
      (MediaChoice.label("APKOVL".bytes), "AB-CD", "LABEL=APKOVL"), (.label("a b".bytes), "AB-CD", "UUID=AB-CD"),
      (.label("a b".bytes), nil, "LABEL=a\\040b"), (.uuid("ab-cd".bytes), "AB-CD", "UUID=AB-CD"),
      (.name("usb".bytes), nil, "/dev/sdb1"),
    ] as [(MediaChoice, String?, String)])
  func spec(choice: MediaChoice, uuid: String?, spec: String) throws {
    let plan = try Self.setup(choice, uuid: uuid).plan(force: false)
    guard case .addLine(let line, _)? = plan.steps.first else { return #expect(Bool(false), "no line") }
    #expect(line.starts(with: (spec + "\t").bytes))
    #expect(plan.notes.isEmpty == (spec.hasPrefix("LABEL=a\\") || choice != .label("a b".bytes)))
  }

  @Test("LBU_BACKUPDIR wins, which is said")
  func backupDirectory() throws {
    var setup = Self.setup()
    setup.backupDirectory = "/backup"
    #expect(
      try setup.plan(force: false).notes == [
        "/etc/lbu/lbu.conf also sets LBU_BACKUPDIR=/backup, which wins: snapshots go there until that line is removed"
      ])
  }

  @Test("a name with a blank works, and the boot loader's limits are said")
  func blank() throws {
    let plan = try Self.setup(.name("my disk".bytes), name: "my disk").plan(force: false)
    #expect(plan.steps.last == .setMedia("my disk".bytes, text: "LBU_MEDIA='my disk'\n".bytes))
    #expect(plan.notes.count == 1)
  }

  @Test("refusals")
  func refusals() {
    #expect(
      Self.refusal(Self.setup(type: "btrfs"))
        == "/dev/sdb1 (/media/usb) cannot be used: the boot loader cannot read btrfs, only vfat and ext4")
    #expect(Self.refusal(Self.setup(type: "btrfs"), force: true) == nil)
    #expect(Self.refusal(Self.setup(type: "iso9660"), force: true) == nil)
    for type in ["swap", "crypto_LUKS", "tmpfs", "LVM2_member", nil] as [String?] {
      #expect(Self.refusal(Self.setup(type: type), force: true) != nil)
    }
    var setup = Self.setup()
    setup.device = nil
    #expect(
      Self.refusal(setup)
        == "nothing is mounted at /media/usb, and /etc/fstab has no line for it, so its device is not known")
    setup.isDirectory = false
    #expect(Self.refusal(setup) == "/media/usb is not there, and /etc/fstab has no line for it")
    setup.name = [0xff]
    #expect(Self.refusal(setup) == "/media/\u{fffd} is not a name that lbu.conf can hold: it is no text")
  }

  // MARK: What is asked for

  @Test(
    "arguments",
    arguments: [
      ("usb", .name("usb".bytes)), ("usb/", .name("usb".bytes)), ("/media/usb", .name("usb".bytes)),
      ("//media//usb/", .name("usb".bytes)), ("LABEL=my disk", .label("my disk".bytes)), ("UUID=AB", .uuid("AB".bytes)),
      ("/media/LABEL=X", .name("LABEL=X".bytes)), ("..", nil), (".", nil), ("", nil), ("/", nil), ("/media", nil),
      ("/mnt/usb", nil), ("a/b", nil), ("media/usb", nil), ("/media/a/b", nil), ("/media/..", nil),
    ] as [(String, MediaChoice?)])
  func choice(text: String, choice: MediaChoice?) {
    #expect((try? MediaChoice(text.bytes)) == choice)
  }

  @Test(
    "the name that a labelled disk gets",
    arguments: [
      ("APKOVL", .init(), "APKOVL"), ("my disk", .init(), "my_disk"), ("a/b", .init(), "a_b"),
      (".x", .init(), "LABEL=.x"),
      ("..", .init(), "LABEL=.."), ("  ", .init(), "LABEL=__"),
      ("APKOVL", .init(inTable: "usb".bytes, mounted: "sdb1".bytes), "usb"),
      ("APKOVL", .init(mounted: "sdb1".bytes), "sdb1"), ("APKOVL", .init(taken: ["APKOVL".bytes]), "LABEL=APKOVL"),
      ("APKOVL", .init(present: ["APKOVL".bytes, "LABEL=APKOVL".bytes]), "LABEL=APKOVL"),
      ("APKOVL", .init(taken: ["LABEL=APKOVL".bytes], present: ["LABEL=APKOVL".bytes]), "APKOVL"),
    ] as [(String, MediaChoice.Places, String)])
  func name(label: String, places: MediaChoice.Places, name: String) {
    #expect(MediaChoice.label(label.bytes).name(label: label.bytes, places: places) == name.bytes)
  }

  @Test("a disk by its UUID is called by its label, if it has one")
  func nameByUUID() {
    #expect(MediaChoice.uuid("AB-CD".bytes).name(label: "DISK".bytes, places: .init()) == "DISK".bytes)
    #expect(MediaChoice.uuid("AB-CD".bytes).name(label: nil, places: .init()) == "UUID=AB-CD".bytes)
  }

  // MARK: Candidates

  static func candidate(
    _ device: String, type: String = "vfat", label: String? = nil, mounted: String? = nil, inTable: String? = nil
  ) -> MediaCandidate {
    MediaCandidate(
      device: device.bytes, size: 1, type: type, label: label?.bytes, uuid: "U".bytes, mounted: mounted?.bytes,
      inTable: inTable?.bytes)
  }

  @Test("the suggestion: labelled APKOVL, mounted in /media, in fstab; and never what cannot boot")
  func suggestion() {
    let table = Self.candidate("c", inTable: "/media/c")
    let mounted = Self.candidate("b", mounted: "/media/b")
    let labelled = Self.candidate("a", label: "APKOVL")
    let cdrom = Self.candidate("d", type: "iso9660", mounted: "/media/cdrom")
    let disk = Self.candidate("e", type: "ext4", mounted: "/")
    #expect(MediaCandidate.suggestion(of: [cdrom, disk, table, mounted, labelled]) == labelled)
    #expect(MediaCandidate.suggestion(of: [cdrom, disk, table, mounted]) == mounted)
    #expect(MediaCandidate.suggestion(of: [cdrom, disk, table]) == table)
    #expect(MediaCandidate.suggestion(of: [cdrom, disk]) == nil)
    #expect([labelled, mounted, table].map(\.argument) == ["LABEL=APKOVL".bytes, "b".bytes, "c".bytes])
  }
}
