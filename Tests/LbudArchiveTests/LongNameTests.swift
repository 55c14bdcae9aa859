import LbudCore
import Testing

@testable import LbudArchive

@Suite("Names that do not fit their field")
struct LongNameTests {
  /// A path of exactly so many bytes, its components no longer than a file system takes.
  static func path(_ length: Int) -> BytePath {
    BytePath(bytes: (0..<length).map { $0 % 200 == 199 && $0 < length - 1 ? UInt8(ascii: "/") : UInt8(ascii: "a") })
  }

  @Test(arguments: [1, 98, 99, 100, 101, 155, 156, 254, 255, 256, 257, 511, 512, 513, 5000, 65_536])
  func aPathOfSoManyBytes(length: Int) throws {
    let path = Self.path(length)
    let all = [
      Entry(path, content: [1, 2, 3]),
      Entry(Member(path: path, body: .directory, mode: 0o755, uid: 0, gid: 0, modificationTime: 0)),
      Entry("link", .hardLink(to: path)),
      Entry("symlink", .symlink(target: path.bytes)),
      Entry(Member(path: path, body: .symlink(target: path.bytes), mode: 0o777, uid: 0, gid: 0, modificationTime: 0)),
    ]
    let (bytes, _) = try snapshot(all)
    #expect(try entries(ofTar: unpack(bytes)) == all)
  }

  @Test(arguments: [99, 100, 101, 255, 256, 3000])
  func gnuTarAndBsdtarListThemWhole(length: Int) throws {
    let scratch = try Scratch()
    let path = Self.path(length)
    try scratch.write(try snapshot([Entry(path, content: [1])]).bytes, to: "a.tar.gz")
    for program in [["tar"], ["bsdtar"], ["busybox", "tar"]] {
      let result = try Program.run(program + ["-tzf", scratch.path + "/a.tar.gz"], in: scratch)
      #expect(result.status == 0)
      #expect(result.errors == "")
      #expect(result.output == path.bytes + [UInt8(ascii: "\n")], "\(program)")
    }
  }

  @Test(
    "bytes no text has", arguments: [[0xff], [10], [13, 10], [1, 2, 27, 127], [0xc3, 0x28], [92, 110], [32, 32]])
  func anyByteButNUL(name: [UInt8]) throws {
    let entry = Entry(BytePath(bytes: Array("etc/".utf8) + name), content: [1])
    #expect(try entries(ofTar: unpack(snapshot([entry]).bytes)) == [entry])
  }

  static let impossible: [(Member.Body, [UInt8])] = [
    (.directory, []),
    (.directory, Array("a//b".utf8)),
    (.directory, Array("/a".utf8)),
    (.directory, Array("a/".utf8)),
    (.directory, Array("a/../b".utf8)),
    (.directory, Array("./a".utf8)),
    (.directory, [97, 0, 98]),
    (.directory, [UInt8](repeating: 97, count: 65_537)),
    (.symlink(target: []), [97]),
    (.symlink(target: [97, 0]), [97]),
    (.symlink(target: [UInt8](repeating: 97, count: 65_537)), [97]),
    (.hardLink(to: .root), [97]),
    (.hardLink(to: BytePath(bytes: Array("../b".utf8))), [97]),
    (.file(size: .max), [97]),
    (.file(size: 1), [97]),
  ]

  @Test(arguments: impossible.indices)
  func whatNoReaderWouldTakeIsRefusedAndNothingIsWritten(row: Int) throws {
    let (body, path) = Self.impossible[row]
    let member = Member(path: BytePath(bytes: path), body: body, mode: 0o644, uid: 0, gid: 0, modificationTime: 0)
    var writer = try ArchiveWriter(output: MemoryOutput())
    var failure: ArchiveError?
    do { try writer.append(member) } catch let error as ArchiveError { failure = error }
    guard case .unwritable = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    // The writer goes on as if nothing had been asked.
    #expect(try writer.finish(facts).0.bytes == snapshot([]).bytes)
  }
}
