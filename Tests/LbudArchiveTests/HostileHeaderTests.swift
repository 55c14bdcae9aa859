import LbudCore
import LbudTestSupport
import Testing

@testable import LbudArchive

@Suite("Headers that nobody honest wrote")
struct HostileHeaderTests {
  static func reason(_ tar: [UInt8]) -> String { failure(ofTar: tar)?.description ?? "none" }

  @Test(arguments: ["../x", "a/../../x", "..", "a/..", "./../x", "/../x", "a/b/.."])
  func aNameThatLeavesTheRootIsRefused(name: String) {
    #expect(Self.reason(RawTar.entry(name) + RawTar.end).contains("has a .. component"))
    let link = RawTar.header(Array("link".utf8), type: "1") {
      $0.replaceSubrange(157..<(157 + name.utf8.count), with: Array(name.utf8))
    }
    #expect(Self.reason(link + RawTar.end).hasPrefix("link: an entry's name has a .. component"))
  }

  @Test(arguments: [
    ("./etc/a", "etc/a"), ("/etc/a", "etc/a"), (".//etc///a", "etc/a"), ("././etc/./a", "etc/a"), ("//etc/a", "etc/a"),
    ("etc/.a", "etc/.a"), ("etc/..a", "etc/..a"), (".a", ".a"), ("...", "..."), ("etc/a/.", "etc/a"),
  ])
  func otherWaysToWriteAName(name: String, path: String) throws {
    #expect(try entries(ofTar: RawTar.entry(name)).map(\.member.path) == [BytePath(path)])
  }

  @Test(arguments: [".", "./", "/", "//", "./."])
  func theRootItselfIsPassedOver(name: String) throws {
    let tar = RawTar.entry(name, type: "5") + RawTar.entry("etc/a") + RawTar.end
    #expect(try entries(ofTar: tar).map(\.member.path) == [BytePath("etc/a")])
  }

  @Test func anEmptyNameIsRefused() {
    let tar = RawTar.entry("") + RawTar.end
    #expect(Self.reason(tar) == "an entry has an empty name at byte 0 of the unpacked archive")
  }

  @Test func aNULInALongNameIsRefused() {
    let long = RawTar.entry("././@LongLink", type: "L", content: Array("etc/passwd\0.bak\0".utf8))
    #expect(Self.reason(long + RawTar.entry("x")).contains("holds a NUL byte"))
    #expect(Self.reason(RawTar.pax([("path", [97, 0, 98])]) + RawTar.entry("x")).contains("holds a NUL byte"))
    let link = RawTar.pax([("linkpath", [97, 0])]) + RawTar.entry("x", type: "2")
    #expect(Self.reason(link).hasPrefix("x: the link target"))
  }

  @Test(arguments: ["L", "K", "x"] as [Character])
  func anExtensionOfManyMegabytesIsNotRead(type: Character) {
    for size in [1024 * 1024 + 1, 0o77_777_777_777] {
      let tar = RawTar.header(Array("x".utf8), type: type, size: size)
      #expect(Self.reason(tar).contains("is too long"))
    }
  }

  @Test func aNameOfMoreThan64KiBIsRefused() {
    let long = RawTar.entry("././@LongLink", type: "L", content: [UInt8](repeating: 97, count: 65_537))
    #expect(Self.reason(long + RawTar.entry("x")).contains("has 65537 bytes"))
  }

  @Test(arguments: ["S", "D", "M", "V", "N", "A", "X", "8", "\u{7f}"] as [Character])
  func aTypeWithoutMeaningHereIsNamed(type: Character) {
    let path = BytePath("etc/a")
    let tar = RawTar.entry("etc/b") + RawTar.entry("etc/a", type: type) + RawTar.end
    #expect(failure(ofTar: tar) == .unsupportedType(path: path, type: type.asciiValue ?? 0, at: 512))
  }

  @Test func sparseFilesUnderPaxAreNamed() {
    let tar = RawTar.pax([("GNU.sparse.major", [49])]) + RawTar.entry("etc/a") + RawTar.end
    #expect(Self.reason(tar) == "etc/a: a sparse file cannot be read at byte 1024 of the unpacked archive")
  }

  static let broken: [(Range<Int>, [UInt8], String)] = [
    (TarLayout.mode, Array("rw-r--r-".utf8), "the mode is not a number"),
    (TarLayout.uid, Array("00000x0\0".utf8), "the uid is not a number"),
    (TarLayout.uid, [0xff] + [UInt8](repeating: 0xff, count: 7), "the uid -1 is out of range"),
    (TarLayout.gid, [0x80, 0, 0, 1, 0, 0, 0, 0], "the gid 4294967296 is out of range"),
    (TarLayout.size, [UInt8](repeating: 0xff, count: 12), "the size is negative"),
    (TarLayout.size, [0x80, 0xff] + [UInt8](repeating: 0, count: 10), "the size is not a number"),
    (TarLayout.modificationTime, Array("99999999999\0".utf8), "the modification time is not a number"),
  ]

  @Test(arguments: broken.indices)
  func aFieldThatIsNoNumber(row: Int) {
    let (field, value, reason) = Self.broken[row]
    let tar = RawTar.header(Array("etc/a".utf8)) { $0.replaceSubrange(field, with: value) }
    #expect(Self.reason(tar) == "etc/a: \(reason) at byte 0 of the unpacked archive")
  }

  @Test func theLargestSizeIsReadAndItsContentMissed() {
    let size: [UInt8] = [0x80, 0, 0, 0, 0x7f] + [UInt8](repeating: 0xff, count: 7)
    let tar = RawTar.header(Array("etc/a".utf8)) { $0.replaceSubrange(TarLayout.size, with: size) }
    #expect(failure(ofTar: tar) == .cutTar(path: BytePath("etc/a"), at: 512))
  }

  @Test(arguments: [1, 511, 512, 600, 100_000])
  func garbageIsNoTar(count: Int) {
    var generator = SeededNumbers(seed: 1)
    #expect(failure(ofTar: generator.bytes(count)) == .notTar)
  }

  @Test func garbageBetweenEntriesIsAnError() {
    let tar = RawTar.entry("etc/a") + [UInt8](repeating: 65, count: 512)
    #expect(failure(ofTar: tar) == .badEntry(path: nil, reason: "a header has a wrong checksum", at: 512))
  }

  @Test func theEndOfTheInputBetweenTwoEntriesIsAnEndButNoMark() throws {
    var reader = TarReader(source: source(RawTar.entry("etc/a")))
    #expect(try reader.next() != nil)
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
    let hasEndMark = reader.hasEndMark
    #expect(!hasEndMark)
  }

  @Test func whatFollowsTheEndIsIgnored() throws {
    let tar = RawTar.entry("etc/a") + RawTar.end + RawTar.entry("etc/b")
    #expect(try entries(ofTar: tar).count == 1)
  }

  @Test func oldSignedChecksumsWillDo() throws {
    var block = RawTar.header([97, 0xff, 0xfe])
    let signed = block.enumerated().reduce(Int64(0)) { sum, byte in
      sum + (TarLayout.checksum.contains(byte.offset) ? 32 : Int64(Int8(bitPattern: byte.element)))
    }
    TarNumber.write(signed, to: 148..<155, of: &block)
    #expect(try entries(ofTar: block).first?.member.path.bytes == [97, 0xff, 0xfe])
  }

  @Test func moreEntriesOrNamesThanAllowedStopTheReading() throws {
    let (bytes, _) = try snapshot((0..<11).map { Entry("e\($0)", .directory) })
    func read(_ limits: SnapshotIndex.Limits) throws -> Int {
      try SnapshotIndex.read(limits: limits, source: source(bytes)).entries.count
    }
    #expect(try read(.init(entries: 11)) == 11)
    #expect(throws: ArchiveError.tooManyEntries(limit: 10)) { try read(.init(entries: 10)) }
    #expect(throws: ArchiveError.namesTooLong(limit: 20)) { try read(.init(names: 20)) }
  }

  @Test(arguments: ["etc/none", "etc", "etc/self"])
  func aHardLinkToNothingOrADirectory(target: String) throws {
    let (bytes, _) = try snapshot([Fixture.directory("etc"), Entry("etc/self", .hardLink(to: BytePath(target)))])
    var failure: ArchiveError?
    do { _ = try index(of: bytes) } catch { failure = error as? ArchiveError }
    #expect(failure?.description.hasPrefix("etc/self: a hard link to \(target), which is no earlier file,") == true)
  }
}
