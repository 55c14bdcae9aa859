import LbudProtocol
import Testing

@testable import LbuctlCommands

/// `lbuctl show`, line by line.
@Suite struct ShownLinesTests {
  private static func entry(_ path: String, _ kind: ShownEntry.Kind = .file, mode: Int = 0o644) -> ShownEntry {
    ShownEntry(path: WirePath(path), kind: kind, mode: mode, uid: 0, gid: 0, time: Sample.wall)
  }

  private static func text(_ entries: [ShownEntry]) -> String {
    String(decoding: ShownLines.lines(entries).joined(), as: UTF8.self)
  }

  @Test func columnsAreAsWideAsNeedBe() {
    var file = Self.entry("etc/motd")
    (file.user, file.group, file.size) = ("root", "wheel", 12_345)
    var link = Self.entry("etc/link", .symlink, mode: 0o777)
    (link.target, link.uid, link.gid) = (WirePath("../x y"), 1000, 4_000_000_000)
    var device = Self.entry("etc/sda", .block, mode: 0o660)
    (device.major, device.minor) = (8, 1)
    #expect(
      Self.text([file, link, device, Self.entry("etc/d", .directory, mode: 0o755)]) == """
        -rw-r--r--  root:wheel       12345  2026-11-24 22:10:01  etc/motd
        lrwxrwxrwx  1000:4000000000      0  2026-11-24 22:10:01  etc/link -> "../x y"
        brw-rw----  0:0                8,1  2026-11-24 22:10:01  etc/sda
        drwxr-xr-x  0:0                  0  2026-11-24 22:10:01  etc/d/

        """)
  }

  @Test func namesAreOneLineAndExact() {
    var entry = Self.entry("")
    entry.path = WirePath(bytes: Array("etc/a\n\u{1b}[2J".utf8) + [0xff])
    entry.user = "u\u{1b}"
    #expect(
      Self.text([entry])
        == #"-rw-r--r--  u\x1b:0  0  2026-11-24 22:10:01  "etc/a\n\033[2J\377""# + "\n")
    #expect(ShownLines.lines([]) == [])
  }

  @Test(
    arguments: [
      (0o0, "----------"), (0o777, "-rwxrwxrwx"), (0o4755, "-rwsr-xr-x"), (0o4644, "-rwSr--r--"),
      (0o2755, "-rwxr-sr-x"), (0o2745, "-rwxr-Sr-x"), (0o1777, "-rwxrwxrwt"), (0o1776, "-rwxrwxrwT"),
      (0o7000, "---S--S--T"), (0o124, "---x-w-r--"),
    ])
  func modes(mode: Int, text: String) { #expect(Self.entry("a", mode: mode).modeText == text) }

  @Test(
    arguments: zip(
      ShownEntry.Kind.allCases, ["-", "d", "l", "p", "c", "b", "s"]))
  func kinds(kind: ShownEntry.Kind, letter: String) {
    #expect(Self.entry("a", kind).modeText.hasPrefix(letter + "rw-"))
  }
}
