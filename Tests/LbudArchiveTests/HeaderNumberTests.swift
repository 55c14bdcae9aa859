import LbudCore
import Testing

@testable import LbudArchive

@Suite("Numbers too large for octal")
struct HeaderNumberTests {
  static func field(_ field: Range<Int>, of member: Member) throws -> [UInt8] {
    Array(try TarEncoder.headers(of: member)[field])
  }

  static func file(size: UInt64 = 0, uid: UInt32 = 0, time: Int64 = 0) -> Member {
    Member(path: BytePath("f"), body: .file(size: size), mode: 0o644, uid: uid, gid: 0, modificationTime: time)
  }

  @Test func octalUpToItsLastDigit() throws {
    #expect(try Self.field(TarLayout.size, of: Self.file(size: 0o77_777_777_777)) == Array("77777777777\0".utf8))
    #expect(try Self.field(TarLayout.uid, of: Self.file(uid: 2_097_151)) == Array("7777777\0".utf8))
    #expect(try Self.field(TarLayout.modificationTime, of: Self.file(time: 0)) == Array("00000000000\0".utf8))
  }

  @Test func base256Beyond() throws {
    // As GNU tar 1.34 writes them (its manual, "Extensions").
    #expect(
      try Self.field(TarLayout.size, of: Self.file(size: 8_589_934_592)) == [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])
    #expect(try Self.field(TarLayout.uid, of: Self.file(uid: 2_097_152)) == [0x80, 0, 0, 0, 0, 0x20, 0, 0])
    #expect(
      try Self.field(TarLayout.modificationTime, of: Self.file(time: -1)) == [UInt8](repeating: 0xff, count: 12))
    #expect(
      try Self.field(TarLayout.modificationTime, of: Self.file(time: -257))
        == [UInt8](repeating: 0xff, count: 10) + [0xfe, 0xff])
  }

  @Test(
    arguments: [
      0, 1, 7, 0o7_777_777, 0o10_000_000, 0o77_777_777_777, 0o100_000_000_000, .max, -1, -256, -86_401, .min,
    ] as [Int64])
  func whatIsWrittenIsRead(value: Int64) {
    var block = [UInt8](repeating: 0, count: 512)
    TarNumber.write(value, to: TarLayout.size, of: &block)
    let read = block[TarLayout.size].withUnsafeBytes { TarNumber.read($0) }
    #expect(read == value)
  }

  static let texts: [(String, Int64?)] = [
    ("", 0), ("\0\0\0\0\0\0\0\0", 0), ("       \0", 0), ("  644 \0", 0o644), ("0000644\0", 0o644),
    ("77777777", 0o77_777_777),
    ("644\0junk", 0o644), ("8\0", nil), ("6x4", nil), ("-1", nil),
  ]

  @Test(arguments: texts.indices)
  func olderWaysOfWritingOctal(row: Int) {
    let (text, value) = Self.texts[row]
    var field = Array(text.utf8)
    field += repeatElement(0, count: max(0, 8 - field.count))
    #expect(field.withUnsafeBytes { TarNumber.read($0) } == value)
  }

  @Test func base256BeyondSixtyFourBitsIsNoNumber() {
    let large: [UInt8] = [0x80, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
    let negative: [UInt8] = [0xff, 0xff, 0xff, 0xfe] + [UInt8](repeating: 0xff, count: 8)
    #expect(large.withUnsafeBytes { TarNumber.read($0) } == nil)
    #expect(negative.withUnsafeBytes { TarNumber.read($0) } == nil)
  }

  @Test func otherTarsReadASizeOverEightGiB() throws {
    let scratch = try Scratch()
    // The header only: listing it needs no content.
    try scratch.write(try TarEncoder.headers(of: Self.file(size: 10_000_000_000)), to: "header.tar")
    for program in [["tar"], ["bsdtar"], ["busybox", "tar"]] {
      let result = try Program.run(program + ["-tvf", scratch.path + "/header.tar"], in: scratch)
      #expect(String(decoding: result.output, as: UTF8.self).contains("10000000000"), "\(program) \(result.errors)")
    }
  }
}
