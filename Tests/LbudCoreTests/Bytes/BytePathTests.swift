import LbudCore
import Testing

@Suite("Paths are bytes")
struct BytePathTests {
  @Test(
    "slashes at the ends and doubled ones are dropped, dots are not",
    arguments: [
      ("", ""), ("/", ""), ("///", ""), ("etc", "etc"), ("/etc/", "etc"), ("//etc//conf.d///net", "etc/conf.d/net"),
      ("./etc", "./etc"), ("etc/../root", "etc/../root"), ("a b/ c", "a b/ c"),
    ])
  func normalizing(text: String, expected: String) {
    #expect(BytePath(text).bytes == expected.bytes)
    #expect(BytePath(normalizing: text.utf8) == BytePath(bytes: expected.bytes))
  }

  @Test(
    arguments: [
      ("", "", "", true), ("etc", "etc", "", true), ("etc/motd", "motd", "etc", false), ("a/b/c", "c", "a/b", false),
    ])
  func nameAndParent(path: String, name: String, parent: String, isTopLevel: Bool) {
    let path = BytePath(path)
    #expect(path.name == name.bytes)
    #expect(path.parent == BytePath(parent))
    #expect(path.isTopLevel == isTopLevel)
    #expect(path.isRoot == path.bytes.isEmpty)
  }

  @Test func componentsOfTheRootAreNone() {
    #expect(BytePath.root.components.isEmpty)
    #expect(BytePath("etc/ssh/x").components == ["etc".bytes, "ssh".bytes, "x".bytes])
  }

  @Test func appendingToTheRootMakesNoSlash() {
    #expect(BytePath.root.appending("etc".utf8) == BytePath("etc"))
    #expect(BytePath("etc").appending("motd".utf8) == BytePath("etc/motd"))
  }

  @Test(
    "a sibling whose name begins alike is not inside",
    arguments: [
      ("etc", "etc", true), ("etc/a", "etc", true), ("etc2", "etc", false), ("etc2/a", "etc", false),
      ("etc", "etc/a", false), ("usr/etc", "etc", false), ("anything", "", true), ("", "", true), ("", "etc", false),
    ])
  func inside(path: String, directory: String, expected: Bool) {
    #expect(BytePath(path).isInside(BytePath(directory)) == expected)
  }

  @Test func aDirectorySortsBeforeWhatIsInIt() {
    let sorted = ["etc/b", "etc", "etc-x", "etc/a/z", "etc/a", ""].map { BytePath($0) }.sorted()
    #expect(sorted.map(\.description) == ["", "etc", "etc-x", "etc/a", "etc/a/z", "etc/b"])
    #expect(BytePath(bytes: [0x7f]) < BytePath(bytes: [0x80]), "bytes above 0x7f are not negative")
  }

  @Test func aNameThatIsNotTextStaysWhatItIs() {
    let path = BytePath("etc").appending([0xff, 0xfe])
    #expect(path.bytes == "etc/".bytes + [0xff, 0xfe])
    #expect(path != BytePath("etc").appending([0xff, 0xff]), "both are shown alike, but they are two files")
    #expect(path.display == "etc/\u{fffd}\u{fffd}")
  }
}
