import Testing

@testable import LbudCore

/// What a boot installs, out of packages written as `name version [> needs…] [< provides…]`. Cases with (apk) were tried with
/// apk-tools 3.0.6, called as the boot loader calls it.
@Suite struct BootPackagesTests {
  static func record(_ text: String) -> PackageRecord {
    let words = text.split(separator: " ").map(String.init)
    let needs = words.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }
    let provides = words.drop { $0 != "<" }.dropFirst()
    return PackageRecord(
      name: words[0].bytes, version: words[1].bytes, identity: Array(0..<20), size: 1, installedSize: 1,
      dependencies: needs.compactMap { Dependency($0.utf8) }, provides: provides.compactMap { Dependency($0.utf8) })
  }

  static func answers(_ world: String, _ texts: [String], tags: [String: String] = [:]) throws -> [String] {
    let wanted = try world.split(separator: " ").map { try #require(Dependency($0.utf8)) }
    let packages = BootPackages(
      texts.map { BootPackages.Candidate(record($0), .cache, tag: tags[$0]?.bytes) }, for: wanted)
    return wanted.map { wanted in
      switch packages.answer(wanted) {
      case .installed(let candidate):
        displayText(of: candidate.record.name) + " " + displayText(of: candidate.record.version)
      case .missing(let others): others.isEmpty ? "-" : "only " + displayText(of: others[0])
      case .blocked(let dependency): "needs " + dependency.display
      }
    }
  }

  @Test(
    arguments: [
      ("foo bar", [], ["-", "-"]),
      ("foo bar", ["foo 1", "bar 2"], ["foo 1", "bar 2"]),
      // (apk) What needs something that is not there is left out, however deep that is.
      ("foo", ["foo 1 > bar"], ["needs bar"]),
      ("foo other", ["foo 1 > bar", "bar 1 > so:x", "other 1"], ["needs so:x", "other 1"]),
      // (apk) Another version does as well, where none is asked for.
      ("foo", ["foo 1 > bar", "bar 0.9"], ["foo 1"]),
      ("foo", ["foo 1 > bar=1", "bar 0.9"], ["needs bar=1"]),
      ("foo=2 foo>2 foo~1", ["foo 1.5"], ["only 1.5", "only 1.5", "foo 1.5"]),
      // (apk) A name that another package provides.
      ("cmd:tool user", ["prov 2 < cmd:tool=2", "user 1 > cmd:tool>1"], ["prov 2", "user 1"]),
      ("user", ["prov 2 < cmd:tool=2", "user 1 > cmd:tool>2"], ["needs cmd:tool>2"]),
      ("user", ["prov 2 < virt", "user 1 > virt>7"], ["user 1"]),
      // The package of that name goes before one that provides it, and the later version before the earlier one.
      ("foo", ["zoo 9 < foo=9", "foo 1", "foo 2"], ["foo 2"]),
      ("foo", ["foo 1", "foo 2 > bar"], ["foo 1"]),
      // Packages that need each other.
      ("a", ["a 1 > b", "b 1 > c", "c 1 > a"], ["a 1"]),
      ("a b", ["a 1 > b", "b 1 > a gone"], ["needs gone", "needs gone"]),
      ("a", ["a 1 > a"], ["a 1"]),
      // Conflicts bring no package.
      ("foo", ["foo 1 > !gone"], ["foo 1"]),
      // (apk) A virtual package with what it stands for.
      (".deps=20240101", [".deps 20240101 > bar", "bar 1"], [".deps 20240101"]),
      (".deps=20240101", [".deps 20240101 > bar"], ["needs bar"]),
    ] as [(String, [String], [String])])
  func answer(world: String, packages: [String], expected: [String]) throws {
    #expect(try Self.answers(world, packages) == expected)
  }

  /// (apk) A repository with a tag serves only what asks for the tag, and what that needs; what it needs, everybody then.
  @Test(
    arguments: [
      ("foo alone", ["needs bar", "-"]), ("foo@edge alone", ["foo 1", "-"]),
      ("foo alone@edge", ["needs bar", "alone 3"]), ("alone@other", ["-"]), ("foo@edge bar", ["foo 1", "bar 2"]),
      ("bar@edge foo", ["bar 2", "foo 1"]),
      // What is left out itself opens nothing, and its reason is told all the same.
      ("torn@edge bar", ["needs gone", "-"]),
    ])
  func tags(world: String, expected: [String]) throws {
    let packages = ["foo 1 > bar", "bar 2", "alone 3", "torn 4 > bar gone"]
    let tags = ["bar 2": "@edge", "alone 3": "@edge", "torn 4 > bar gone": "@edge"]
    #expect(try Self.answers(world, packages, tags: tags) == expected)
  }

  @Test func aPackageByItsDigest() throws {
    #expect(
      try Self.answers(
        "foo><Q1AAECAwQFBgcICQoLDA0ODxAREhM= foo><Q1ZAECAwQFBgcICQoLDA0ODxAREhM=", ["foo 1"]) == ["foo 1", "only 1"])
  }

  @Test func aLongChainAndManyPackages() throws {
    let chain = (0..<400).map { "p\($0) 1 > p\($0 + 1)" }
    #expect(try Self.answers("p0", chain) == ["needs p400"])
    #expect(try Self.answers("p0", chain + ["p400 1"]) == ["p0 1"])
  }
}
