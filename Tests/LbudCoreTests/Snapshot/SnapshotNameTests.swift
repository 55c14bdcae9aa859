import LbudCore
import Testing

@Suite("Names of snapshots")
struct SnapshotNameTests {
  @Test func theCurrentOneIsWhatTheBootLoaderTakes() {
    #expect(SnapshotName.current(host: "box") == "box.apkovl.tar.gz")
    #expect(SnapshotName.current(host: "box", cipher: "aes-256-cbc") == "box.apkovl.tar.gz.aes-256-cbc")
    #expect(SnapshotName.isBootable(SnapshotName.current(host: "box").bytes))
    #expect(SnapshotName.isBootable(SnapshotName.current(host: "box", cipher: "des3").bytes))
  }

  @Test(
    "dates are UTC, leap years included",
    arguments: [
      (0, "19700101000000"), (951_868_799, "20000229235959"), (1_709_210_096, "20240229123456"),
      (1_677_628_799, "20230228235959"), (1_677_628_800, "20230301000000"), (4_107_542_399, "21000228235959"),
      (4_107_542_400, "21000301000000"), (1_735_689_599, "20241231235959"), (2_147_483_648, "20380119031408"),
      (253_402_300_799, "99991231235959"), (-1, "19691231235959"),
    ] as [(Int64, String)])
  func dates(time: Int64, expected: String) throws {
    let name = SnapshotName.dated(host: "box.lan", time: time)
    #expect(name == "box.lan.\(expected).tar.gz")
    let parsed = try #require(SnapshotName.parseDated(name.bytes))
    #expect(parsed.host == "box.lan".bytes && parsed.date == expected.bytes)
    #expect(SnapshotName.time(ofDate: parsed.date) == time)
    let encrypted = SnapshotName.dated(host: "box.lan", time: time, cipher: "aes-256-cbc")
    #expect(encrypted == name + ".aes-256-cbc")
    #expect(SnapshotName.parseDated(encrypted.bytes)?.host == "box.lan".bytes)
    #expect(SnapshotName.cipher(of: encrypted.bytes) == "aes-256-cbc" && SnapshotName.cipher(of: name.bytes) == nil)
    #expect(!SnapshotName.isBootable(name.bytes) && !SnapshotName.isBootable(encrypted.bytes))
  }

  @Test(
    "digits that are no date",
    arguments: [
      "", "2024", "20240230000000", "20230229000000", "20241301000000", "20240001000000", "20240100000000",
      "20240101240000", "20240101006000", "20240101000060", "2024010100000x", "99999999999999", "202401010000000",
    ])
  func noDates(digits: String) { #expect(SnapshotName.time(ofDate: digits.bytes) == nil) }

  /// Found by contrib/fuzz: a year that does not fit 32 bits ended the daemon.
  @Test(
    "a time that anybody can give a file",
    arguments: [
      (67_768_036_191_676_799, "99991231235959"), (Int64.max, "99991231235959"), (253_402_300_800, "99991231235959"),
      (Int64.min, "00000101000000"), (-62_167_219_201, "00000101000000"), (-62_167_219_200, "00000101000000"),
    ] as [(Int64, String)])
  func datesWithoutDigits(time: Int64, expected: String) {
    let name = SnapshotName.dated(host: "box", time: time)
    #expect(name == "box.\(expected).tar.gz")
    // Those that are tried next must be other names.
    let first = Retention.firstFreeSecond(from: time, host: "box".bytes, [name.bytes])
    #expect(Set((0..<1000).map { SnapshotName.dated(host: "box", time: first + $0) }).count == 1000)
  }

  @Test(
    "the boot loader's glob",
    arguments: [
      ("box.apkovl.tar.gz", true), (".apkovl.tar.gz", true), ("box.apkovl.tar.gz.new", true),
      ("box.apkovl.tar.gz.bak", true), ("box.apkovl.tar.gz~", true), ("box.apkovl.tar.gz.aes-256-cbc", true),
      (".hidden.apkovl.tar.gz", true), ("a.apkovl.tar.gz.apkovl.tar.gz", true), ("box.apkovl.tar", false),
      ("box.apkovl.tar.g", false), ("boxapkovl.tar.gz", false), ("box.APKOVL.tar.gz", false),
      ("box.20240229123456.tar.gz", false), ("LBUD", false), ("NEW.1234", false), ("", false),
    ])
  func bootable(name: String, expected: Bool) {
    #expect(SnapshotName.isBootable(name.bytes) == expected)
  }

  @Test(arguments: [
    ("box.apkovl.tar.gz", "box", ""), ("box.apkovl.tar.gz.aes-256-cbc", "box", ".aes-256-cbc"),
    ("a.b.apkovl.tar.gz~", "a.b", "~"), (".apkovl.tar.gz", "", ""),
    ("a.apkovl.tar.gz.apkovl.tar.gz", "a", ".apkovl.tar.gz"),
  ])
  func whatIsBeforeAndBehind(name: String, host: String, suffix: String) throws {
    let parts = try #require(SnapshotName.parseBootable(name.bytes))
    #expect(parts.host == host.bytes && parts.suffix == suffix.bytes)
  }

  @Test func aNameThatIsNotTextCanBoot() {
    #expect(SnapshotName.isBootable([0xff] + ".apkovl.tar.gz".bytes + [0xfe]))
  }

  @Test(
    "names that are no dated ones",
    arguments: [
      "box.apkovl.tar.gz", "box.tar.gz", ".20240229123456.tar.gz", "20240229123456.tar.gz", "box.2024022912345.tar.gz",
      "box.202402291234567.tar.gz", "box.2024022912345x.tar.gz", "box.20240229123456.tar",
      "box.20240229123456.tar.gzip",
      "box.20240229123456.tar.gz~", "box-20240229123456.tar.gz", "box.20240229123456", "box.٢٠٢٤٠٢٢٩١٢٣٤٥٦.tar.gz", "",
    ])
  func notDated(name: String) {
    #expect(SnapshotName.parseDated(name.bytes) == nil)
  }

  @Test func aHostMayHaveDotsAndDigits() throws {
    let parsed = try #require(SnapshotName.parseDated("a.1.20240101000000.20240229123456.tar.gz".bytes))
    #expect(parsed.host == "a.1.20240101000000".bytes && parsed.date == "20240229123456".bytes)
  }

  @Test(arguments: [
    ("box.apkovl.tar.gz.aes-256-cbc", "aes-256-cbc"), ("box.apkovl.tar.gz.new", "new"),
    ("box.apkovl.tar.gz.a.des3", "des3"),
    ("box.20240101000000.tar.gz.bf", "bf"), ("box.apkovl.tar.gz", nil), ("box.apkovl.tar.gz.tgz", nil),
    ("box.apkovl.tar.gz.", nil), ("box.apkovl.tar.gz.-d", nil), ("box.apkovl.tar.gz.a b", nil),
    ("other.aes-256-cbc", nil),
    ("box.apkovl.tar.gz.\u{e4}", nil), ("box.20240101000000.tar.gz", nil),
  ])
  func theCipherIsWhatTheBootLoaderTakesFromTheName(name: String, cipher: String?) {
    #expect(SnapshotName.cipher(of: name.bytes) == cipher)
  }

  @Test func whatIsNoCipherOfOpensslIsNotTakenForOne() {
    for name in ["aes-256-cbc", "des", "des3", "rc4", "sm4-cbc", "aes256", "chacha20"] {
      #expect(SnapshotName.isOfKnownCipher(name))
    }
    for name in ["new", "old", "bak", "description", "seeds", "", "1"] { #expect(!SnapshotName.isOfKnownCipher(name)) }
  }

  @Test(
    arguments: [
      ("19700101000000", 0), ("20261127130000", 1_795_784_400), ("20240229235959", 1_709_251_199),
      ("20230229000000", nil), ("20261301000000", nil), ("99999999999999", nil), ("2026112713000", nil), ("", nil),
      ("00000101000000", -62_167_219_200),
    ] as [(String, Int64?)])
  func aDateIsAMoment(digits: String, expected: Int64?) {
    #expect(SnapshotName.time(ofDate: digits.bytes) == expected)
  }
}
