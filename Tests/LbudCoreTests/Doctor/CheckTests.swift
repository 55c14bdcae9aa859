import Testing

@testable import LbudCore

/// What the checks of the media and the snapshot say, and what they say to do.
@Suite struct CheckTests {
  private static let remedyForMedia = "save to another disk: lbuctl setup media lists those that can be used"

  private static func media(
    type: String? = "vfat", position: MediaFacts.Position = .top, isInMemory: Bool = false
  ) -> MediaFacts {
    MediaFacts(
      path: "/media/usb", type: type, device: "/dev/sdb1".bytes, position: position, isInMemory: isInMemory)
  }

  @Test(
    arguments: [
      (media(), Check(.media, .ok, "/media/usb is vfat on /dev/sdb1, which the boot loader reads")),
      (media(type: "ext4"), Check(.media, .ok, "/media/usb is ext4 on /dev/sdb1, which the boot loader reads")),
      (
        media(type: "btrfs"),
        .failed(
          .media, "/media/usb is of no use at a boot: the boot loader cannot read btrfs, only vfat and ext4",
          remedy: remedyForMedia)
      ),
      (
        media(type: "iso9660"),
        .failed(.media, "/media/usb is of no use at a boot: iso9660 cannot be written to", remedy: remedyForMedia)
      ),
      (
        media(type: "tmpfs"),
        .failed(.media, "/media/usb is only memory, and gone after a reboot", remedy: remedyForMedia)
      ),
      (
        media(type: "overlay", position: .below, isInMemory: true),
        .failed(.media, "/media/usb is only memory, and gone after a reboot", remedy: remedyForMedia)
      ),
      (
        media(position: .below),
        .failed(
          .media, "/media/usb is not the top directory of its file system, and the boot loader looks nowhere else",
          remedy: remedyForMedia)
      ),
      (
        media(type: nil, position: .unknown),
        .skipped(.media, "/media/usb is a directory of another root than /: what is under it at a boot is not known")
      ),
    ] as [(MediaFacts, Check)])
  func isThereAndReadable(facts: MediaFacts, expected: Check) { #expect(Check.media(facts) == expected) }

  @Test func clean() {
    #expect(
      Check.clean("/media/usb", nil)
        == Check(.clean, .ok, "nothing says that the file system of /media/usb needs a check"))
    let problem = Problem(.warning, subject: "/media/usb", "was not unmounted cleanly", remedy: "fsck")
    #expect(
      Check.clean("/media/usb", problem)
        == Check(.clean, .warning, "/media/usb: was not unmounted cleanly", remedy: "fsck"))
  }

  // MARK: Other devices

  private static func finding(
    _ device: String, at point: String? = nil, _ outcome: DeviceFinding.Outcome, journal: Bool = false
  ) -> DeviceFinding {
    DeviceFinding(
      device: device.bytes, point: point?.bytes, outcome: outcome, hasUnplayedJournal: journal)
  }

  private static let remedyForDevices =
    "pull what need not be there at a boot, or mount it and look: ls -d *.apkovl.tar.gz*"

  @Test(
    arguments: [
      (
        DevicesFacts(reach: .all, findings: [finding("/dev/sda1", .unreadableAtBoot)]),
        Check(.devices, .ok, "no other device has a file system that the boot loader reads")
      ),
      (
        DevicesFacts(
          reach: .all,
          findings: [finding("/dev/sdc1", at: "/mnt/a\nb", .overlays([])), finding("/dev/sdb1", .overlays([[0x78]]))]),
        Check(
          .devices, .ok, "the other file systems that the boot loader reads were looked at: /dev/sdb1, /mnt/a\\nb")
      ),
      (DevicesFacts(reach: .anotherRoot), .skipped(.devices, "no device is looked at for another root than /")),
      (
        DevicesFacts(reach: .anotherRoot, findings: [finding("/dev/sdb1", at: "/mnt", .overlays([]))]),
        .skipped(.devices, "no device is looked at for another root than /, but /mnt")
      ),
      (DevicesFacts(reach: .onlyMounted), .skipped(.devices, "only root can look at what is not mounted")),
      (
        DevicesFacts(
          reach: .all,
          findings: [
            finding("/dev/sdb1", .unseen(why: "does not answer")), finding("/dev/sdc1", .overlays([]), journal: true),
          ]),
        Check(
          .devices, .warning,
          "the boot may find an overlay where it could not be looked for: /dev/sdb1: does not answer; "
            + "/dev/sdc1: its journal is to be replayed, which only the boot does", remedy: remedyForDevices)
      ),
    ] as [(DevicesFacts, Check)])
  func devices(facts: DevicesFacts, expected: Check) { #expect(Check.devices(facts) == expected) }

  @Test func whatIsOnAnotherDeviceIsNotWhatThisBoxSaves() {
    let mounted = Self.finding("/dev/sdb1", at: "/mnt", .overlays(["a.apkovl.tar.gz".bytes]))
    #expect(
      mounted.overlays == [BootOverlay(place: "/mnt", name: "a.apkovl.tar.gz".bytes, owner: .other, isOnMedia: false)])
    #expect(Self.finding("/dev/sdb1", .unreadableAtBoot).overlays == [])
  }

  // MARK: The snapshot

  @Test(
    arguments: [
      (
        .whole(path: "/media/usb/box.apkovl.tar.gz", entries: 41),
        Check(.snapshot, .ok, "/media/usb/box.apkovl.tar.gz is whole: 41 entries")
      ),
      (.whole(path: "/x", entries: 1), Check(.snapshot, .ok, "/x is whole: 1 entry")),
      (
        .damaged(text: "/x is no whole snapshot", remedy: "commit"),
        .failed(.snapshot, "/x is no whole snapshot", remedy: "commit")
      ),
      (.none, .skipped(.snapshot, "there is no snapshot to be read")),
      (.sealed(path: "/x"), .skipped(.snapshot, "/x is encrypted and cannot be read without its password")),
    ] as [(SavedFacts, Check)])
  func snapshot(saved: SavedFacts, expected: Check) { #expect(Check.snapshot(saved) == expected) }

  @Test(
    arguments: [
      (nil, .skipped(.changes, "what would be lost cannot be told without a snapshot")),
      ([:], Check(.changes, .ok, "it holds all that was changed: nothing would be lost")),
      (
        ["etc/motd": .modified], .failed(.changes, "1 change would be lost: U etc/motd", remedy: "lbuctl commit")
      ),
      (
        ["f": .added, "e": .metadata, "d": .deleted, "c": .added, "b": .added, "a": .added],
        .failed(
          .changes, "6 changes would be lost: A a, A b, A c, D d, M e and 1 more", remedy: "lbuctl commit")
      ),
      (
        ["etc/a\u{1b}[31m b": .added],
        .failed(.changes, "1 change would be lost: A etc/a\\x1b[31m b", remedy: "lbuctl commit")
      ),
    ] as [([String: Change.Kind]?, Check)])
  func changes(changes: [String: Change.Kind]?, expected: Check) {
    let changes = changes.map { Dictionary(uniqueKeysWithValues: $0.map { (BytePath($0), $1) }) }
    #expect(Check.changes(changes) == expected)
  }

  @Test(
    arguments: [
      (nil, false, nil, Check(.password, .ok, "what is saved is not encrypted")),
      (
        "aes-256-cbc", true, nil,
        Check(.password, .ok, "what is saved is encrypted (aes-256-cbc): the boot asks for the password")
      ),
      (
        "aes-256-cbc", false, nil,
        .failed(
          .password, "ENCRYPTION=aes-256-cbc is set and PASSWORD is not: nothing is saved by itself",
          remedy:
            "set PASSWORD in /etc/lbu/lbu.conf (and: chmod 600 /etc/lbu/lbu.conf), or: lbu commit, which asks for it")
      ),
      (
        nil, false, "/x",
        Check(
          .password, .warning,
          "/x is encrypted, and /etc/lbu/lbu.conf has no ENCRYPTION: nothing is saved in the clear by itself",
          remedy: "set ENCRYPTION and PASSWORD in /etc/lbu/lbu.conf, or to save in the clear: lbuctl commit")
      ),
    ] as [(String?, Bool, String?, Check)])
  func password(cipher: String?, isKnown: Bool, encrypted: String?, expected: Check) {
    #expect(Check.password(cipher: cipher, isKnown: isKnown, encrypted: encrypted) == expected)
  }
}
