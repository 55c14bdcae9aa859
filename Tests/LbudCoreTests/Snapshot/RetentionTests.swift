import LbudCore
import Testing

@Suite("Which old snapshots go")
struct RetentionTests {
  static func dropped(_ names: [String], limit: Int, host: String = "box") -> [String] {
    Retention.dropped(names.map(\.bytes), host: host.bytes, limit: limit).map { String(decoding: $0, as: UTF8.self) }
  }

  static let years = ["box.20230101000000.tar.gz", "box.20210101000000.tar.gz", "box.20220101000000.tar.gz"]

  @Test(
    "the newest stay, the oldest goes first",
    arguments: [
      (0, ["box.20210101000000.tar.gz", "box.20220101000000.tar.gz", "box.20230101000000.tar.gz"]),
      (1, ["box.20210101000000.tar.gz", "box.20220101000000.tar.gz"]), (2, ["box.20210101000000.tar.gz"]), (3, []),
      (100, []), (.max, []),
      (-1, ["box.20210101000000.tar.gz", "box.20220101000000.tar.gz", "box.20230101000000.tar.gz"]),
    ])
  func limits(limit: Int, expected: [String]) {
    #expect(Self.dropped(Self.years, limit: limit) == expected)
  }

  @Test func nothingIsDroppedOfNothing() {
    #expect(Self.dropped([], limit: 0).isEmpty)
  }

  @Test("whatever is no old snapshot of this host stays, even with limit 0")
  func othersAreNotTouched() {
    let others = [
      "box.apkovl.tar.gz", "box.apkovl.tar.gz.aes-256-cbc", "other.20210101000000.tar.gz",
      "box.lan.20210101000000.tar.gz", "mybox.20210101000000.tar.gz", "BOX.20210101000000.tar.gz", "NEW.123",
      "box.2021.tar.gz", "box.20210101000000.tar.gz~", "box.20210101000000.tar", "vmlinuz", "",
      "box2.20210101000000.tar.gz",
    ]
    #expect(Self.dropped(others + Self.years, limit: 0) == Self.dropped(Self.years, limit: 0))
    #expect(Self.dropped(others + Self.years, limit: 3).isEmpty, "others are not counted either")
  }

  @Test func encryptedAndPlainOnesAreCountedTogether() {
    let names = [
      "box.20210101000000.tar.gz.aes-256-cbc", "box.20220101000000.tar.gz", "box.20230101000000.tar.gz.des3",
    ]
    #expect(Self.dropped(names, limit: 2) == ["box.20210101000000.tar.gz.aes-256-cbc"])
    #expect(Self.dropped(names.reversed(), limit: 1) == Array(names.dropLast()))
  }

  @Test func twoOfOneSecondHaveAnOrder() {
    let names = ["box.20210101000000.tar.gz.b", "box.20210101000000.tar.gz", "box.20210101000000.tar.gz.a"]
    #expect(Self.dropped(names, limit: 1) == ["box.20210101000000.tar.gz", "box.20210101000000.tar.gz.a"])
    #expect(Self.dropped(names.reversed(), limit: 1) == Self.dropped(names, limit: 1))
  }

  @Test func aHostThatIsNotText() {
    let name: [UInt8] = [0xff] + ".20210101000000.tar.gz".bytes
    #expect(Retention.dropped([name], host: [0xff], limit: 0) == [name])
    #expect(Retention.dropped([name], host: [0xfe], limit: 0).isEmpty)
  }
}
