import LbudCore
import Testing

/// What is done so that a running system is what a snapshot says.
@Suite struct RestorePlanTests {
  private typealias Step = RestorePlan.Step

  private static let root = InstalledDatabase.Permissions(mode: 0o755, uid: 0, gid: 0)

  private static func entry(
    _ content: Fingerprint.Content, mode: UInt16 = 0o644, uid: UInt32 = 0
  ) -> Fingerprint { Fingerprint(content: content, mode: mode, uid: uid, gid: 0) }

  private static func file(_ text: String, mode: UInt16 = 0o644, uid: UInt32 = 0) -> Fingerprint {
    var digest = [UInt8](repeating: 0, count: 32)
    for (index, byte) in text.utf8.enumerated() { digest[index] = byte }
    return entry(.file(size: UInt64(text.utf8.count), digest: ContentDigest(digest)), mode: mode, uid: uid)
  }

  private static let directory = entry(.directory, mode: 0o755)
  private static let link = entry(.symlink(target: Array("x".utf8)), mode: 0o777)

  private var saved: [BytePath: SavedEntry] = [:]
  private var running = RunningState()
  private var selected: [SelectedNow] = []

  private mutating func save(_ path: String, _ fingerprint: Fingerprint, time: Int64 = 7, origin: Int? = nil) {
    saved[BytePath(path)] = SavedEntry(
      fingerprint: fingerprint, modificationTime: time, origin: origin ?? saved.count)
  }

  private mutating func run(
    _ path: String, _ fingerprint: Fingerprint, time: Int64 = 7, links: UInt64 = 1, isMountPoint: Bool = false
  ) {
    running.entries[BytePath(path)] = RunningEntry(
      fingerprint: fingerprint, modificationTime: time, links: links, isMountPoint: isMountPoint)
  }

  private mutating func select(
    _ path: String, _ kind: FileKind = .file, _ reason: Reason = .added,
    packaged: InstalledDatabase.Permissions? = nil
  ) {
    selected.append(SelectedNow(BytePath(path), kind, reason, packaged: packaged))
    if running.entries[BytePath(path)] == nil { run(path, kind == .directory ? Self.directory : Self.file("now")) }
  }

  private func plan(
    _ paths: [String] = [""], deletes: Bool = false, then: RuleReach? = nil,
    directories: [BytePath: InstalledDatabase.Permissions] = [:]
  ) throws -> RestorePlan {
    try RestorePlan(
      RestoreRequest(paths: paths.map { BytePath($0) }, deletes: deletes), saved: saved, running: running,
      selected: selected, then: then, directories: directories, isPackaged: { $0 == BytePath("etc/packaged") })
  }

  private func told(_ plan: RestorePlan) -> [String] {
    plan.told.map { "\($0.kind) \($0.path.display)" }
  }

  private func refusal(_ paths: [String] = [""], deletes: Bool = false) -> RestoreRefusal? {
    do { _ = try plan(paths, deletes: deletes) } catch { return error as? RestoreRefusal }
    return nil
  }

  private func step(_ plan: RestorePlan, _ path: String) -> Step? {
    plan.actions.first { $0.path == BytePath(path) }?.step
  }

  // MARK: What comes back

  @Test mutating func whatIsAsItWasIsLeftAlone() throws {
    save("etc/d", Self.directory)
    save("etc/d/f", Self.file("a"))
    run("etc", Self.directory)
    run("etc/d", Self.directory)
    run("etc/d/f", Self.file("a"))
    let plan = try plan()
    #expect(plan.actions.isEmpty && plan.notes.isEmpty)
  }

  @Test mutating func eachKindOfDifference() throws {
    run("etc", Self.directory)
    save("etc/gone", Self.file("a"), origin: 40)
    save("etc/changed", Self.file("a"), origin: 41)
    run("etc/changed", Self.file("b"))
    save("etc/mode", Self.file("a", mode: 0o600))
    run("etc/mode", Self.file("a"), time: 9)
    save("etc/owner", Self.link)
    run("etc/owner", Self.entry(.symlink(target: Array("x".utf8)), mode: 0o777, uid: 5))
    save("etc/time", Self.file("a"), time: 3)
    run("etc/time", Self.file("a"), time: 4)
    save("etc/dir", Self.entry(.directory, mode: 0o700))
    run("etc/dir", Self.directory)
    save("etc/kind", Self.file("a"))
    run("etc/kind", Self.link)
    let plan = try plan()
    #expect(
      told(plan) == [
        "modified etc/changed", "metadata etc/dir", "added etc/gone", "modified etc/kind", "metadata etc/mode",
        "metadata etc/owner",
      ])
    #expect(step(plan, "etc/gone") == .put(origin: 40))
    #expect(step(plan, "etc/mode") == .permissions(.init(mode: 0o600, uid: 0, gid: 0)))
    // A symlink has no descriptor by which its owner could be set.
    #expect(step(plan, "etc/owner") == saved[BytePath("etc/owner")].map { .put(origin: $0.origin) })
    #expect(plan.times.map { "\($0.path.display) \($0.seconds)" } == ["etc/time 3", "etc/mode 7", "etc/dir 7"])
  }

  @Test mutating func onlyWhatIsAskedFor() throws {
    for name in ["etc/a", "etc/a/x", "etc/a-b", "etc/ab", "root/x"] {
      save(name, name == "etc/a" ? Self.directory : Self.file("a"))
    }
    run("etc", Self.directory)
    #expect(told(try plan(["etc/a"])) == ["added etc/a", "added etc/a/x"])
    #expect(told(try plan(["etc/ab", "etc/a-b"])) == ["added etc/a-b", "added etc/ab"])
    // What is above is made as the snapshot has it, though it is not asked for.
    saved[BytePath("etc/a")]?.fingerprint.mode = 0o700
    let plan = try plan(["etc/a/x"])
    #expect(told(plan) == ["added etc/a", "added etc/a/x"])
    #expect(step(plan, "etc/a") == .makeDirectory(.init(mode: 0o700, uid: 0, gid: 0)))
  }

  @Test mutating func directoriesOfPackagesAreMadeAsThoseHaveThem() throws {
    save("srv/a/b/f", Self.file("a"))
    let owned = InstalledDatabase.Permissions(mode: 0o750, uid: 3, gid: 4)
    let plan = try plan(directories: [BytePath("srv/a"): owned])
    #expect(told(plan) == ["added srv", "added srv/a", "added srv/a/b", "added srv/a/b/f"])
    #expect(step(plan, "srv/a") == .makeDirectory(owned))
    #expect(step(plan, "srv/a/b") == .makeDirectory(Self.root))
  }

  @Test mutating func namesOfOneFileStayOne() throws {
    run("etc", Self.directory)
    save("etc/one", Self.file("a"), origin: 1)
    save("etc/same", Self.file("a"), origin: 1)
    save("etc/other", Self.file("a"), origin: 2)
    for name in ["etc/one", "etc/same", "etc/other"] { run(name, Self.file("a")) }
    #expect(try plan().actions.isEmpty)
    run("etc/one", Self.file("b"))
    let plan = try plan()
    // The other name is made anew with it, which makes no difference that is told.
    #expect(told(plan) == ["modified etc/one"])
    #expect(step(plan, "etc/same") == .put(origin: 1))
    #expect(step(plan, "etc/other") == nil)
    #expect(step(try self.plan(["etc/one"]), "etc/same") == nil)
  }

  @Test mutating func aModeIsNotSetWhereAnotherNameWouldGetItToo() throws {
    run("etc", Self.directory)
    save("etc/f", Self.file("a", mode: 0o600), origin: 9)
    run("etc/f", Self.file("a"), links: 2)
    #expect(step(try plan(), "etc/f") == .put(origin: 9))
    #expect(told(try plan()) == ["metadata etc/f"])
  }

  // MARK: What is in the way

  @Test mutating func aDirectoryInTheWay() throws {
    run("etc", Self.directory)
    save("etc/f", Self.file("a"), origin: 3)
    run("etc/f", Self.directory)
    #expect(told(try plan()) == ["modified etc/f"])
    running.trees[BytePath("etc/f")] = [BytePath("etc/f/x"), BytePath("etc/f/y")]
    #expect(refusal() == .directoryInTheWay(BytePath("etc/f")))
    select("etc/f/x")
    #expect(refusal(deletes: true) == .directoryHoldsOther(BytePath("etc/f"), other: BytePath("etc/f/y")))
    select("etc/f/y")
    let plan = try plan(deletes: true)
    #expect(told(plan) == ["modified etc/f", "deleted etc/f/x", "deleted etc/f/y"])
    #expect(step(plan, "etc/f/x") == .removeWith(BytePath("etc/f")))
  }

  @Test mutating func whatIsNoDirectoryInTheWay() throws {
    run("etc", Self.directory)
    save("etc/d", Self.directory)
    save("etc/d/f", Self.file("a"))
    run("etc/d", Self.link)
    // The snapshot says that it is a directory.
    #expect(told(try plan()) == ["modified etc/d", "added etc/d/f"])
    saved[BytePath("etc/d")] = nil
    run("etc/d", Self.file("a"))
    #expect(refusal() == .noDirectory(BytePath("etc/d"), .file, needed: BytePath("etc/d/f")))
    run("etc/d", Self.link)
    select("etc/d", .symlink)
    #expect(told(try plan(deletes: true)) == ["modified etc/d", "added etc/d/f"])
  }

  /// A directory was moved away and a symlink put in its place: behind that all is as it was saved, and yet a new directory
  /// in its place without it would be empty.
  @Test(arguments: [true, false])
  mutating func whatIsTheSameBehindALinkThatIsReplacedComesAnew(isSaved: Bool) throws {
    run("etc", Self.directory)
    run("etc/ssl", Self.link)
    if isSaved { save("etc/ssl", Self.directory) } else { select("etc/ssl", .symlink) }
    save("etc/ssl/cert.pem", Self.file("a"))
    save("etc/ssl/private", Self.directory)
    save("etc/ssl/private/key.pem", Self.file("b"))
    for (path, entry) in saved where path != BytePath("etc/ssl") {
      running.behindLinks[path] = BehindLink(entry.fingerprint, at: BytePath("srv/" + path.display))
    }
    let all = ["modified etc/ssl", "added etc/ssl/cert.pem", "added etc/ssl/private", "added etc/ssl/private/key.pem"]
    #expect(told(try plan(deletes: true)) == all)
    if isSaved { #expect(told(try plan(["etc/ssl"])) == all) }
    // The link itself stays: it is read as it was saved.
    #expect(try plan(["etc/ssl/cert.pem"]).actions.isEmpty)
    running.behindLinks[BytePath("etc/ssl/cert.pem")]?.fingerprint = Self.file("c")
    let refusal = refusal(["etc/ssl/cert.pem"])
    #expect(
      refusal
        == .behindLink(
          BytePath("etc/ssl/cert.pem"), link: BytePath("etc/ssl"), instead: isSaved ? BytePath("etc/ssl") : nil,
          place: BytePath("srv/etc/ssl/cert.pem")))
    #expect(
      refusal?.words().hint
        == (isSaved
          ? "lbuctl restore /etc/ssl"
          : "it is /srv/etc/ssl/cert.pem: lbuctl show prints what the snapshot has, to be put there"))
  }

  /// As lbu.list may name a crontab of root, by the link that a package has brought.
  @Test mutating func whatIsNamedThroughALinkIsRestoredWhereItIs() throws {
    let (named, real) = (BytePath("var/spool/crontabs/root"), BytePath("etc/crontabs/root"))
    for path in ["etc", "etc/crontabs", "var", "var/spool"] { run(path, Self.directory) }
    run("var/spool/crontabs", Self.link)
    save(named.display, Self.file("a"), origin: 5)
    running.behindLinks[named] = BehindLink(Self.file("b"), at: real)
    let elsewhere = try plan(deletes: true)
    #expect(elsewhere.actions.isEmpty)
    #expect(elsewhere.notes == [.differsBehindLink(named, place: real)])
    // A hard link of it in the archive is that file too.
    save(real.display, Self.file("a"), origin: 5)
    run(real.display, Self.file("b"))
    let plan = try plan(deletes: true)
    #expect(told(plan) == ["modified etc/crontabs/root"] && plan.actions.count == 1 && plan.notes.isEmpty)
    #expect(
      refusal([named.display])
        == .behindLink(named, link: BytePath("var/spool/crontabs"), instead: real, place: real))
    #expect(try self.plan(["var"]).notes == [.differsBehindLink(named, place: real)])
    // Nothing is there at all.
    running.behindLinks[named] = nil
    #expect(try self.plan().notes == [.differsBehindLink(named, place: nil)])
  }

  @Test mutating func aMountPoint() throws {
    run("etc", Self.directory)
    save("etc/hosts", Self.file("a"))
    run("etc/hosts", Self.file("a"), isMountPoint: true)
    #expect(try plan().actions.isEmpty)
    run("etc/hosts", Self.file("b"), isMountPoint: true)
    #expect(refusal() == .mountPoint(BytePath("etc/hosts")))
  }

  // MARK: What goes

  @Test mutating func withoutDeleteNothingGoes() throws {
    run("etc", Self.directory)
    save("etc/f", Self.file("a"))
    select("etc/new")
    #expect(told(try plan()) == ["added etc/f"])
    #expect(told(try plan(deletes: true)) == ["added etc/f", "deleted etc/new"])
    #expect(told(try plan(["etc/f"], deletes: true)) == ["added etc/f"])
    // The snapshot has none of it, and it is there.
    #expect(told(try plan(["etc/new"], deletes: true)) == ["deleted etc/new"])
  }

  @Test mutating func aDirectoryGoesOnlyWithAllThatIsInIt() throws {
    run("etc", Self.directory)
    select("etc/d", .directory, .newDirectory)
    select("etc/d/e", .directory, .newDirectory)
    select("etc/d/e/f")
    running.trees[BytePath("etc/d")] = [BytePath("etc/d/e")]
    running.trees[BytePath("etc/d/e")] = [BytePath("etc/d/e/f")]
    #expect(told(try plan(deletes: true)) == ["deleted etc/d", "deleted etc/d/e", "deleted etc/d/e/f"])
    running.trees[BytePath("etc/d/e")]?.append(BytePath("etc/d/e/excluded"))
    let plan = try plan(deletes: true)
    #expect(told(plan) == ["deleted etc/d/e/f"])
    #expect(plan.notes == [.notEmpty(BytePath("etc/d/e")), .notEmpty(BytePath("etc/d"))])
  }

  @Test mutating func whatAPackageBroughtStays() throws {
    run("etc", Self.directory)
    select("etc/changed", .file, .changed, packaged: Self.root)
    select("etc/apk/keys/k", .file, .added, packaged: Self.root)
    select("etc/x", .file, .extendedAttributes, packaged: Self.root)
    select("etc/linkowner", .symlink, .metadata, packaged: Self.root)
    run("etc/linkowner", Self.link)
    let plan = try plan(deletes: true)
    #expect(plan.actions.isEmpty)
    #expect(
      plan.notes
        == ["etc/changed", "etc/apk/keys/k", "etc/x", "etc/linkowner"].map { .package(BytePath($0)) })
    #expect(plan.notes.first?.words(owner: "foo").hasSuffix("apk fix foo") == true)
  }

  @Test mutating func ofAPackagesFileTheModeIsKnown() throws {
    select("etc/mode", .file, .metadata, packaged: Self.root)
    select("etc/dir", .directory, .directoryMetadata, packaged: Self.root)
    let plan = try plan(deletes: true)
    #expect(told(plan) == ["metadata etc/dir", "metadata etc/mode"])
    #expect(step(plan, "etc/mode") == .permissions(Self.root))
    #expect(plan.notes.isEmpty)
  }

  /// Else who has widened the rules since the snapshot would lose what they reach now.
  @Test mutating func whatTheRulesOfThenDidNotReachStays() throws {
    select("root/old")
    select("etc/new")
    select("home/u/f")
    let lists = [ProtectedPaths.List(name: Array("lbu.list".utf8), content: Array("+home/u/f\n-etc/not\n".utf8))]
    select("etc/not")
    let plan = try plan(deletes: true, then: RuleReach(ProtectedPaths(lists: lists)))
    #expect(told(plan) == ["deleted etc/new", "deleted home/u/f"])
    #expect(plan.notes == [.outOfReach(BytePath("root/old")), .outOfReach(BytePath("etc/not"))])
  }

  @Test mutating func whatIsOnAnotherMountStays() throws {
    select("etc/m", .directory, .newDirectory)
    run("etc/m", Self.directory, isMountPoint: true)
    select("etc/n/f")
    running.foreign = [BytePath("etc/n")]
    let plan = try plan(deletes: true)
    #expect(plan.actions.isEmpty)
    #expect(plan.notes == [.mounted(BytePath("etc/m")), .mounted(BytePath("etc/n/f"))])
  }

  @Test mutating func socketsStayAndKeepTheirDirectory() throws {
    select("etc/d", .directory, .newDirectory)
    select("etc/d/s", .socket)
    running.trees[BytePath("etc/d")] = [BytePath("etc/d/s")]
    let plan = try plan(deletes: true)
    #expect(plan.actions.isEmpty && plan.notes == [.notEmpty(BytePath("etc/d"))])
  }

  // MARK: What is asked for

  @Test mutating func whatTheSnapshotDoesNotHold() {
    save("etc/a/b", Self.file("a"))
    #expect(refusal(["etc/a/b", "etc/x"]) == .notHeld(BytePath("etc/x"), isPackaged: false))
    #expect(refusal(["etc/packaged"]) == .notHeld(BytePath("etc/packaged"), isPackaged: true))
    #expect(refusal(["etc/a/b/c"]) == .notHeld(BytePath("etc/a/b/c"), isPackaged: false))
    #expect(refusal(["etc/x"], deletes: true) == .notHeld(BytePath("etc/x"), isPackaged: false))
    #expect(refusal(["etc/a"]) == nil)
    // An empty snapshot is one too.
    #expect(refusal([""]) == nil)
  }

  @Test func pathsAsTheyAreNamed() throws {
    let long = [UInt8](repeating: 0xff, count: 255)
    for (name, path) in [
      ("etc/motd", "etc/motd"), ("/etc//motd/", "etc/motd"), ("./etc/./motd", "etc/motd"), ("/", ""), (".", ""),
      ("etc/a\nb", "etc/a\nb"), ("...", "..."),
    ] {
      #expect(try RestoreRequest.path(Array(name.utf8)) == BytePath(path))
    }
    #expect(try RestoreRequest.path([47] + long) == BytePath(bytes: long))
    #expect(throws: RestoreRefusal.emptyPath) { try RestoreRequest.path([]) }
    for name in ["..", "../etc", "etc/../x", "/.."] {
      #expect(throws: RestoreRefusal.leadsUp(BytePath(bytes: Array(name.utf8)))) {
        try RestoreRequest.path(Array(name.utf8))
      }
    }
  }

  @Test func ownersOfFiles() {
    let text = "P:one\nF:etc\nR:a\nR:b\n\nP:two\nF:\nR:top\nF:usr\nR:a\nF:etc\nR:c\n\n"
    let paths = Set(["etc/a", "etc/c", "top", "usr/x", "a"].map { BytePath($0) })
    #expect(
      PackageOwners.names(of: paths, in: Array(text.utf8))
        == [BytePath("etc/a"): "one", BytePath("etc/c"): "two", BytePath("top"): "two"])
  }
}
