import LbudCore
import Testing

@Suite("Names that lbu lists as old snapshots")
struct OldSnapshotNameTests {
  // What a shell makes of the pattern: `for name; do case $name in ... esac; done`, and a dot in front is special.
  @Test(arguments: [
    ("box.20201231235959.tar.gz", true, ""), ("box.20201231235959.tar.gz.aes-256-cbc", true, ".aes-256-cbc"),
    ("other.host.20201231235959.tar.gz", true, ""), ("box.1234.tar.gz", true, ""), ("box.12x34.tar.gz", true, ""),
    ("box.12.34.tar.gz", true, ""), ("box.12345.tar.gz~", true, "~"), ("a.b.1234.tar.gz.tar.gz", true, ".tar.gz"),
    ("a.1234.tar.gz.5678.tar.gz.x", true, ".x"), ("..1234.tar.gz", false, nil), (".1234.tar.gz", false, nil),
    (".box.1234.tar.gz", false, nil), ("box.123.tar.gz", false, nil), ("box.12x4.tar.gz", false, nil),
    ("box.apkovl.tar.gz", false, nil), ("box20201231.tar.gz", false, nil), ("box.1234.tar", false, nil),
    ("notes.txt", false, nil), (".tar.gz", false, nil), ("", false, nil), ("12.tar.gz", false, nil),
    ("box.apkovl.tar.gz.1234.tar.gz", true, ""),
  ])
  func names(name: String, isOld: Bool, suffix: String?) {
    #expect(SnapshotName.isOld(name.bytes) == isOld)
    if let suffix { #expect(SnapshotName.suffix(ofOld: name.bytes) == suffix.bytes) }
  }

  @Test func bytesAreNames() {
    #expect(SnapshotName.isOld([0xff] + ".1234.tar.gz".bytes + [0xfe]))
    #expect(SnapshotName.isOld("a\nb .1234.tar.gz".bytes))
  }
}
