import Testing

@testable import LbudCore

/// Which overlay boots.
@Suite struct BootCheckTests {
  private static let current = BootOverlay(
    place: "/media/usb", name: "box.apkovl.tar.gz".bytes, owner: .current, isOnMedia: true)
  private static let own = BootOverlay(
    place: "/media/usb", name: "old.apkovl.tar.gz".bytes, owner: .own, isOnMedia: true)
  private static let other = BootOverlay(
    place: "/media/usb", name: "a\nb.apkovl.tar.gz".bytes, owner: .other, isOnMedia: true)
  private static let elsewhere = BootOverlay(
    place: "/dev/sdc1", name: "box.apkovl.tar.gz".bytes, owner: .other, isOnMedia: false)

  private static func facts(_ overlays: [BootOverlay]) -> BootFacts {
    BootFacts(overlays: overlays, current: BytePath("box.apkovl.tar.gz"))
  }

  @Test(
    arguments: [
      (
        [],
        .failed(
          .boot, "there is no overlay that the boot loader would take: the box would start as a new one",
          remedy: "lbuctl commit")
      ),
      ([current], Check(.boot, .ok, "/media/usb/box.apkovl.tar.gz boots: no other overlay was found")),
      (
        [own],
        Check(
          .boot, .warning, "/media/usb/old.apkovl.tar.gz boots, which is this box's under another name",
          remedy: "lbuctl commit renames it")
      ),
      (
        [other],
        .failed(
          .boot, "/media/usb/a\\nb.apkovl.tar.gz boots, which is not what this box saves",
          remedy: "lbuctl commit -d, which removes it")
      ),
      (
        [elsewhere],
        .failed(
          .boot, "box.apkovl.tar.gz on /dev/sdc1 boots, which is not what this box saves",
          remedy: "lbuctl commit, and remove that one")
      ),
      (
        [current, own],
        .failed(
          .boot,
          "2 overlays could boot, whichever the boot loader finds first: /media/usb/box.apkovl.tar.gz, "
            + "/media/usb/old.apkovl.tar.gz", remedy: "lbuctl commit renames this box's own")
      ),
      (
        [current, other, elsewhere],
        .failed(
          .boot,
          "3 overlays could boot, whichever the boot loader finds first: /media/usb/box.apkovl.tar.gz, "
            + "/media/usb/a\\nb.apkovl.tar.gz, box.apkovl.tar.gz on /dev/sdc1",
          remedy:
            "lbuctl commit -d removes those of other boxes from the media; remove those on other disks, or pull the disks"
        )
      ),
    ] as [([BootOverlay], Check)])
  func whatTheBootLoaderFinds(overlays: [BootOverlay], expected: Check) {
    #expect(Check.boot(Self.facts(overlays)) == expected)
  }

  private static let remedy =
    "remove apkovl= from the command line, or have it name what lbuctl status shows as saved"

  @Test(
    arguments: [
      (
        "apkovl=sdb1:vfat:/box.apkovl.tar.gz", true,
        Check(
          .boot, .ok,
          "the kernel's command line has apkovl=sdb1:vfat:/box.apkovl.tar.gz, which is what this box saves")
      ),
      (
        "apkovl=sdb1:/box.apkovl.tar.gz", nil,
        Check(
          .boot, .warning,
          "the kernel's command line has apkovl=sdb1:/box.apkovl.tar.gz, and whether that is on the media cannot be told",
          remedy: "see that it is; or remove apkovl= from the command line, and the boot loader looks by itself")
      ),
      (
        "apkovl=sdb1:/box.apkovl.tar.gz", false,
        .failed(
          .boot,
          "the kernel's command line has apkovl=sdb1:/box.apkovl.tar.gz: that boots, and not what this box saves",
          remedy: remedy)
      ),
      (
        "apkovl=sdb1:/other.apkovl.tar.gz", true,
        .failed(
          .boot,
          "the kernel's command line has apkovl=sdb1:/other.apkovl.tar.gz: that boots, and not what this box saves",
          remedy: remedy)
      ),
      (
        "apkovl=https://x/{MAC}.tar.gz", true,
        .failed(
          .boot, "the kernel's command line has apkovl=https://x/{MAC}.tar.gz: that boots, and not what this box saves",
          remedy: remedy)
      ),
    ] as [(String, Bool?, Check)])
  func whatTheCommandLineSaysCountsAlone(line: String, isMedia: Bool?, expected: Check) {
    var facts = Self.facts([Self.current, Self.other])
    facts.parameter = BootParameter(commandLine: line.bytes)
    facts.parameterIsMedia = isMedia
    #expect(Check.boot(facts) == expected)
  }

  @Test(
    arguments: [
      ("", nil), ("quiet apkovl=", nil), ("xapkovl=a:/b", nil),
      ("quiet apkovl=http://x/y ip=dhcp\n", .url("http://x/y".bytes)),
      ("apkovl=ftp://x", .url("ftp://x".bytes)),
      ("apkovl=sda1:/a/b", .file(device: "sda1".bytes, path: BytePath("a/b"), text: "sda1:/a/b".bytes)),
      ("apkovl=sda1:ext4:/a", .file(device: "sda1".bytes, path: BytePath("a"), text: "sda1:ext4:/a".bytes)),
      ("apkovl=sda1:/a:b", .file(device: "sda1".bytes, path: BytePath("a:b"), text: "sda1:/a:b".bytes)),
      ("apkovl=sda1:ext4:/a:b", .file(device: "sda1".bytes, path: BytePath("a:b"), text: "sda1:ext4:/a:b".bytes)),
      (
        "apkovl=one:/a apkovl=two:/b", .file(device: "two".bytes, path: BytePath("b"), text: "two:/b".bytes)
      ),
      ("apkovl=box.apkovl.tar.gz", .other("box.apkovl.tar.gz".bytes)), ("apkovl=:/a", .other(":/a".bytes)),
      ("apkovl=a:", .other("a:".bytes)),
    ] as [(String, BootParameter?)])
  func readsTheCommandLine(line: String, expected: BootParameter?) {
    #expect(BootParameter(commandLine: line.bytes) == expected)
  }

  // MARK: Over the network

  private static func published(_ publication: BootFacts.Publication) -> BootFacts {
    var facts = facts([])
    facts.parameter = BootParameter(commandLine: Array("quiet apkovl=https://srv/{MAC}.apkovl.tar.gz".utf8))
    facts.publication = publication
    return facts
  }

  @Test(arguments: [
    (
      BootFacts.Publication.address(isDone: true), Check.State.ok,
      "the kernel's command line has apkovl=https://srv/{MAC}.apkovl.tar.gz, which is what this box publishes", true
    ),
    (
      .address(isDone: false), .failed,
      "the kernel's command line has apkovl=https://srv/{MAC}.apkovl.tar.gz: that boots, and the newest snapshot is not there",
      false
    ),
    (
      .none, .failed,
      "the kernel's command line has apkovl=https://srv/{MAC}.apkovl.tar.gz: that boots, and not what this box saves",
      false
    ),
  ])
  func whatIsPublishedBoots(publication: BootFacts.Publication, state: Check.State, text: String, isOwn: Bool) {
    let facts = Self.published(publication)
    let check = Check.boot(facts)
    #expect(check.state == state)
    #expect(check.text == text)
    #expect(facts.bootsOwn == isOwn)
  }

  @Test func aServerAloneIsNoMediaUnlessItBoots() {
    #expect(Check.server("https://srv/x", Self.published(.none)).state == .failed)
    #expect(Check.server("https://srv/x", Self.published(.address(isDone: false))).state == .ok)
  }
}
