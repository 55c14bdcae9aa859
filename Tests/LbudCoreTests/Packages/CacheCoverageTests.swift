import Testing

@testable import LbudCore

@Suite struct CacheCoverageTests {
  static func coverage(
    _ world: String, _ packages: [String] = [], _ change: (inout CacheCoverage.Surroundings) -> Void = { _ in }
  ) -> CacheCoverage {
    var surroundings = CacheCoverage.Surroundings()
    surroundings.cache = .folder("/media/usb/cache".bytes)
    surroundings.remoteCount = 2
    change(&surroundings)
    let world = World(parsing: world.bytes)
    let candidates = packages.map { BootPackages.Candidate(BootPackagesTests.record($0), .cache) }
    return CacheCoverage(
      world: world, packages: BootPackages(candidates, for: world.dependencies), surroundings)
  }

  @Test func nothingToSayWhereAllIsThere() {
    #expect(Self.coverage("foo", ["foo 1"]).warning == nil)
    #expect(Self.coverage("").warning == nil)
  }

  @Test func namesWhatWillBeMissing() throws {
    let warning = try #require(Self.coverage("foo bar ok=1", ["bar 1 > so:x", "ok 1"]).warning)
    #expect(warning.severity == .warning)
    #expect(
      warning.line == "/etc/apk/world: names 2 packages that the package cache does not hold, missing after a reboot "
        + "without a network: foo, bar (for want of so:x)")
    #expect(warning.remedy == "apk update && apk cache download; see: lbuctl cache")
  }

  @Test func namesTenAndCountsTheRest() throws {
    let names = (1...13).map { "p\($0)" }.joined(separator: " ")
    let text = try #require(Self.coverage(names).warning).text
    #expect(text.hasSuffix("p9, p10 and 3 more"))
    let ten = (1...10).map { "p\($0)" }.joined(separator: " ")
    #expect(try #require(Self.coverage(ten).warning).text.hasSuffix("p9, p10"))
  }

  @Test(
    arguments: [
      (.none, true, "names 1 package that no boot repository holds, missing after a reboot without a network: foo"),
      (
        .folder([]), true,
        "names 1 package that neither the package cache nor a boot repository holds, missing after a reboot without a network: foo"
      ),
      (
        .none, false,
        "there is neither a package cache nor a boot repository: without a network at the boot 1 package will be missing"
      ),
      (
        .inMemory("/var/cache/apk".bytes), false,
        "the package cache /var/cache/apk is only a directory in memory, and there is no boot repository: without a network at the boot 1 package will be missing"
      ),
      (
        .unusable("/media/x".bytes), false,
        "the package cache /media/x cannot be used, and there is no boot repository: without a network at the boot 1 package will be missing"
      ),
    ] as [(CacheCoverage.Cache, Bool, String)])
  func places(cache: CacheCoverage.Cache, hasRepository: Bool, text: String) throws {
    let coverage = Self.coverage("foo") {
      $0.cache = cache
      if hasRepository { $0.repositories = [.init(path: "/media/usb/apks".bytes)] }
      $0.repositories.append(.init(path: "/media/cdrom/apks".bytes, state: .unusable))
    }
    #expect(try #require(coverage.warning).text == text)
  }

  @Test func withoutRepositoriesOfANetworkItIsNotSpokenOf() throws {
    let coverage = Self.coverage("foo") { $0.remoteCount = 0 }
    #expect(
      try #require(coverage.warning).text
        == "names 1 package that the package cache does not hold, missing after a reboot: foo")
  }

  @Test func whatCannotBeSeenIsNotCalledMissing() {
    let asleep = Self.coverage("foo") { $0.cache = .notMounted("/media/usb/cache".bytes) }
    #expect(!asleep.isKnown)
    #expect(asleep.warning == nil)
    #expect(Self.coverage("foo") { $0.hasUnknownIndex = true }.warning == nil)
    #expect(Self.coverage("foo") { $0.repositories = [.init(path: [], state: .unknown)] }.warning == nil)
  }

  @Test func aBootWithANetworkBringsIt() {
    #expect(Self.coverage("foo") { $0.bootsWithNetwork = true }.warning == nil)
    #expect(Self.coverage("foo") { ($0.bootsWithNetwork, $0.remoteCount) = (true, 0) }.warning != nil)
  }

  @Test func tellsWhatIsInstalledNowAndWhy() {
    let coverage = Self.coverage("foo bar baz=2 qux", ["bar 1 > so:x", "baz 1", "qux 2"]) {
      $0.installed = ["foo".bytes: "1.0-r0".bytes, "qux".bytes: "3".bytes]
    }
    #expect(coverage.missing.map(\.installed) == ["1.0-r0".bytes, nil, nil])
    #expect(
      coverage.missing.map(\.explanation) == [
        "neither the package cache nor a boot repository has it", "for want of so:x, which it needs",
        "only in another version: 1",
      ])
    #expect(coverage.covered.map(\.installed) == ["3".bytes])
  }

  @Test func aNameIsShownOnOneLine() throws {
    let warning = try #require(Self.coverage("a\u{1b}[31mb").warning)
    #expect(warning.text.hasSuffix("a\\x1b[31mb"))
  }
}
