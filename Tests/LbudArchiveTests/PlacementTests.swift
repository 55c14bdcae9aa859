import LbudCore
import Testing

@testable import LbudArchive

@Suite("What an archive may write")
struct PlacementTests {
  private static func member(_ path: String, _ body: Member.Body = .file(size: 0)) -> Member {
    Member(path: BytePath(path), body: body, mode: 0o644, uid: 0, gid: 0, modificationTime: 0)
  }

  /// Why the last of them is refused; all before are taken.
  private static func refusal(_ members: [Member]) throws -> String? {
    var placement = Placement()
    for member in members.dropLast() { try placement.take(member) }
    do throws(Placement.Refusal) {
      if let last = members.last { try placement.take(last) }
      return nil
    } catch {
      return error.description
    }
  }

  @Test func anHonestArchive() throws {
    #expect(
      try Self.refusal([
        Self.member("etc", .directory), Self.member("etc/a"), Self.member("etc/link", .symlink(target: [47])),
        Self.member("etc/b", .hardLink(to: BytePath("etc/a"))), Self.member("etc/c", .hardLink(to: BytePath("etc/b"))),
        Self.member("etc/fifo", .fifo), Self.member("root/x"), Self.member("etc", .directory), Self.member("etc/a"),
        Self.member("dev/x", .characterDevice(major: 1, minor: 3)), Self.member("motd"),
      ]) == nil)
  }

  @Test(arguments: [
    ("", "the directory itself is no entry"), ("/etc/a", "its name is absolute"), ("/", "its name is absolute"),
    ("..", "its name has a .. component"), ("../x", "its name has a .. component"),
    ("a/../x", "its name has a .. component"),
    ("a/..", "its name has a .. component"), ("a//b", "its name has an empty component"),
    ("a/", "its name has an empty component"),
    (".", "its name has an empty component"), ("a/./b", "its name has an empty component"),
    ("a/b\0c", "its name holds a NUL byte"),
    (String(repeating: "n", count: 256), "its name has a component of 256 bytes"),
  ])
  func namesThatArePathsToElsewhere(name: String, reason: String) {
    #expect(Placement.problem(BytePath(bytes: Array(name.utf8))) == reason)
  }

  @Test(arguments: ["a", "etc/..a", "etc/.a", "...", "a b/\n", String(repeating: "n", count: 255)])
  func strangeNamesThatAreNone(name: String) {
    #expect(Placement.problem(BytePath(bytes: Array(name.utf8))) == nil)
    #expect(Placement.problem(BytePath(bytes: [0xff, 0xfe, 47] + Array(name.utf8))) == nil)
  }

  @Test(arguments: [
    Member.Body.symlink(target: Array("/etc".utf8)), .symlink(target: Array("..".utf8)), .file(size: 1), .fifo,
    .blockDevice(major: 8, minor: 0),
  ])
  func nothingIsWrittenThroughWhatTheArchiveHasMade(body: Member.Body) throws {
    for inside in ["a/link/passwd", "a/link/deep/er/passwd"] {
      #expect(
        try Self.refusal([Self.member("a/link", body), Self.member(inside)])
          == "\(inside): it lies in a/link, which the archive makes no directory")
    }
  }

  @Test(arguments: [
    ([member("x", .directory), member("x", .symlink(target: [47]))]),
    [member("x"), member("x", .symlink(target: [47]))],
    [member("x", .symlink(target: [47])), member("x", .directory)], [member("x", .symlink(target: [47])), member("x")],
    [member("x", .symlink(target: [47])), member("x", .symlink(target: [46]))], [member("x", .directory), member("x")],
    [member("x", .fifo), member("x", .characterDevice(major: 1, minor: 1))],
  ])
  func aNameThatBecomesSomethingElse(members: [Member]) throws {
    #expect(try Self.refusal(members) == "x: it comes twice, as different things")
  }

  @Test func aHardLinkLeadsToAFileOfTheArchiveAlone() throws {
    for before in [
      [], [Self.member("etc/shadow", .directory)], [Self.member("etc/shadow", .symlink(target: [47]))],
      [Self.member("etc/shadow", .blockDevice(major: 8, minor: 0))],
    ] {
      #expect(
        try Self.refusal(before + [Self.member("x", .hardLink(to: BytePath("etc/shadow")))])
          == "x: it is a hard link to etc/shadow, which is no file of the archive before it")
    }
    #expect(
      try Self.refusal([Self.member("x", .hardLink(to: BytePath("x")))])
        == "x: it is a hard link to x, which is no file of the archive before it")
  }

  @Test(arguments: ["/etc/a", "//etc/a", "/../a", "/"])
  func aReaderCanRefuseAbsoluteNames(name: String) throws {
    func read(_ tar: [UInt8]) throws -> Int {
      var reader = TarReader(refusingAbsoluteNames: true, source: source(tar))
      var count = 0
      while try reader.next() != nil { count += 1 }
      return count
    }
    let error = #expect(throws: ArchiveError.self) { try read(RawTar.entry(name) + RawTar.end) }
    #expect(error?.description.contains("an entry's name is absolute (\(name))") == true)
    let link = RawTar.header(Array("link".utf8), type: "1") {
      $0.replaceSubrange(157..<(157 + name.utf8.count), with: Array(name.utf8))
    }
    #expect(throws: ArchiveError.self) { try read(link + RawTar.end) }
    // The target of a symlink is a text.
    let symlink = RawTar.header(Array("link".utf8), type: "2") {
      $0.replaceSubrange(157..<(157 + name.utf8.count), with: Array(name.utf8))
    }
    #expect(try read(symlink + RawTar.end) == 1)
    #expect(try read(RawTar.entry("./etc/a") + RawTar.end) == 1)
  }
}
