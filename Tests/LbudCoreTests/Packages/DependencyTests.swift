import Testing

@testable import LbudCore

@Suite struct DependencyTests {
  /// The name, the tag and the version that a word has.
  @Test(
    arguments: [
      ("busybox", "busybox", nil, nil), ("busybox@edge", "busybox", "@edge", nil),
      ("busybox=1.37.0-r12", "busybox", nil, "1.37.0-r12"), ("busybox@edge>=1.37", "busybox", "@edge", "1.37"),
      ("so:libc.musl-x86_64.so.1", "so:libc.musl-x86_64.so.1", nil, nil),
      ("cmd:sh=1.37.0-r12", "cmd:sh", nil, "1.37.0-r12"),
      ("/bin/sh", "/bin/sh", nil, nil), (".build-deps=20240101.120000", ".build-deps", nil, "20240101.120000"),
    ] as [(String, String, String?, String?)])
  func parts(word: String, name: String, tag: String?, version: String?) throws {
    let dependency = try #require(Dependency(word.utf8))
    #expect(dependency.name == name.bytes)
    #expect(dependency.tag == tag?.bytes)
    #expect(dependency.version == version?.bytes)
    #expect(!dependency.isConflict)
    #expect(dependency.display == word)
  }

  @Test(
    arguments: [
      ("x", "1.0", true), ("x=1.0", "1.0", true), ("x=1.0", "1.0-r1", false), ("x<1.0", "0.9", true),
      ("x<1.0", "1.0", false), ("x<=1.0", "1.0", true), ("x>1.0", "1.0-r1", true), ("x>=1.0", "0.9", false),
      ("x~1.2", "1.2", true), ("x~1.2", "1.2.7-r3", true), ("x~1.2", "1.2_rc1", true), ("x~1.2", "1.20", false),
      ("x~=1.2", "1.2.7", true), ("x>~1.2", "1.2.7", true), ("x>~1.2", "1.3", true), ("x>~1.2", "1.1", false),
      ("x<~1.2", "1.2.7", true), ("x<~1.2", "1.3", false),
    ])
  func acceptance(word: String, version: String, isAccepted: Bool) throws {
    #expect(try #require(Dependency(word.utf8)).accepts(version: version.bytes, identity: []) == isAccepted)
  }

  @Test(arguments: ["", "!", "=1.0", "x=", "x>", "x=not", "@edge", "x=1.0 "])
  func noDependency(word: String) {
    #expect(Dependency(word.utf8) == nil)
  }

  @Test func conflict() throws {
    let dependency = try #require(Dependency("!uclibc<1.0".utf8))
    #expect(dependency.isConflict)
    #expect(dependency.name == "uclibc".bytes)
  }

  @Test func aPackageByItsDigest() throws {
    let dependency = try #require(Dependency("x><Q1AAECAwQFBgcICQoLDA0ODxAREhM=".utf8))
    #expect(dependency.accepts(version: "1.0".bytes, identity: Array(0..<20)))
    #expect(!dependency.accepts(version: "1.0".bytes, identity: Array(1..<21)))
    #expect(!dependency.accepts(version: "1.0".bytes, identity: []))
    let damaged = try #require(Dependency("x><Q1nonsense".utf8))
    #expect(!damaged.accepts(version: "1.0".bytes, identity: []))
  }

  @Test func namesAreBytes() throws {
    let dependency = try #require(Dependency([0x61, 0xff, 0xfe, 0x3d, 0x31]))
    #expect(dependency.name == [0x61, 0xff, 0xfe])
    #expect(dependency.display == "a\u{fffd}\u{fffd}=1")
    let long = [UInt8](repeating: 0x6e, count: 255)
    #expect(Dependency(long)?.name == long)
  }
}
