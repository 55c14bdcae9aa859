import LbudCore
import Testing

@testable import LbudArchive

@Suite("Several gzip members in a file")
struct GzipMemberTests {
  static let small = try? snapshot(Fixture.long, spanSize: 10_000).bytes

  static let commands = [
    ["gzip", "-t"], ["gzip", "-dc"], ["zcat"], ["busybox", "gzip", "-t"], ["busybox", "zcat"],
    ["busybox", "gunzip", "-c"], ["tar", "-tzf"], ["busybox", "tar", "-tzf"], ["bsdtar", "-tzf"],
  ]

  @Test("gzip and its like pass over the record", arguments: commands)
  func silently(command: [String]) throws {
    let bytes = try #require(Self.small)
    let scratch = try Scratch()
    try scratch.write(bytes, to: "a.gz")
    let result = try Program.run(command + [scratch.path + "/a.gz"], in: scratch)
    #expect(result.status == 0)
    #expect(result.errors == "")
    if command.last == "-dc" || command.last == "zcat" || command.last == "-c" {
      #expect(try result.output == unpack(bytes))
    }
  }

  @Test func gzipTestsVerbosely() throws {
    let scratch = try Scratch()
    try scratch.write(try #require(Self.small), to: "a.gz")
    let result = try Program.run(["gzip", "-tv", scratch.path + "/a.gz"], in: scratch)
    #expect(result.status == 0)
    #expect(result.errors.hasSuffix("OK\n"))
  }

  @Test func eachMemberIsAGzipFileOfItsOwn() throws {
    let (bytes, record) = try snapshot(Fixture.longest, spanSize: 10_000)
    let spans = try #require(record.spans)
    #expect(spans.count > 3)
    var start = 0
    var tar: [UInt8] = []
    for span in spans {
      let part = try unpack(Array(bytes[start..<(start + Int(span.compressedSize))]))
      #expect(part.count == Int(span.tarSize))
      tar += part
      start += Int(span.compressedSize)
    }
    #expect(start == Int(record.compressedSize))
    #expect(try tar == unpack(bytes))
  }

  @Test func noTimeAndNoNameInTheHeader() throws {
    let bytes = try #require(Self.small)
    // 255: libdeflate does not say on which system it ran.
    #expect(Array(bytes[..<10]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  }

  static func failure(_ bytes: [UInt8], step: Int = .max) -> ArchiveError? {
    do {
      _ = try unpack(bytes, step: step)
      return nil
    } catch { return error as? ArchiveError }
  }

  @Test(arguments: [1, 512, 100_000])
  func zerosAfterTheLastArePadding(count: Int) throws {
    let bytes = try #require(Self.small)
    #expect(try unpack(bytes + [UInt8](repeating: 0, count: count)) == unpack(bytes))
    #expect(
      Self.failure(bytes + [UInt8](repeating: 0, count: count) + [1])
        == .trailingGarbage(at: UInt64(bytes.count + count)))
  }

  @Test func anythingElseAfterTheLastIsAnError() throws {
    let bytes = try #require(Self.small)
    #expect(Self.failure(bytes + Array("x".utf8)) == .trailingGarbage(at: UInt64(bytes.count)))
    #expect(Self.failure(bytes + [0x1f]) == .cutGzip(at: UInt64(bytes.count + 1)))
    #expect(Self.failure(bytes + [0x1f, 1]) != nil)
  }

  @Test(arguments: ["Salted__12345678", "x", "\u{1f}", "ustar", "\u{1f}x"])
  func whatIsNoGzipIsToldFromWhatIsDamaged(text: String) {
    let expected: ArchiveError = text == "\u{1f}" ? .cutGzip(at: 1) : .notGzip
    #expect(Self.failure(Array(text.utf8)) == expected)
  }

  @Test func anEmptyFileIsCut() {
    #expect(Self.failure([]) == .cutGzip(at: 0))
    #expect(ArchiveError.cutGzip(at: 0).description == "the file is empty")
  }

  @Test(arguments: [1, 2, 3, 17, 1000])
  func howeverTheBytesComeIn(step: Int) throws {
    let bytes = try #require(Self.small)
    #expect(try unpack(bytes, step: step) == unpack(bytes))
  }
}
