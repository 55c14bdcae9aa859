import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Single changes that are easy to miss, each checked against what a full scan says.
@Suite struct OverlayTreeTests {
  private let world: WatchedRoot
  private let builder: TreeBuilder

  init() throws {
    let directory = TemporaryDirectory()
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("etc/apk/protected_paths.d"))
    builder.directory(BytePath("lib/apk/db"))
    builder.file("lib/apk/db/installed", "")
    builder.file("etc/apk/protected_paths.d/lbu.list", "+root/.ssh\n+var/lib/app/state\n+top\n+srv/link/file\n")
    builder.file("etc/conf/a", "a")
    world = try WatchedRoot(directory)
  }

  private var base: String { builder.base }

  @Test func aDirectoryFilledBeforeItsWatchIsThere() throws {
    for number in 0..<50 { builder.file("etc/new/deep/er\(number)/f", "x") }
    try world.expectChange("etc/new/deep/er7/f", .added)
  }

  @Test func aDirectoryMovedInFromOutside() throws {
    builder.file("tmp/outside/sub/f", "x")
    try world.settle()
    builder.rename("tmp/outside", "etc/inside")
    try world.expectChange("etc/inside/sub/f", .added)
    builder.file("etc/inside/sub/g", "later")
    try world.expectChange("etc/inside/sub/g", .added)
  }

  @Test func aDirectoryMovedOutAndChangedThere() throws {
    try world.saveAll()
    builder.directory(BytePath("tmp"))
    builder.rename("etc/conf", "tmp/conf")
    builder.file("tmp/conf/b", "not ours")
    try world.expectChange("etc/conf/a", .deleted)
    try world.expectChange("etc/conf", .deleted)
    try world.expectNoChange("etc/conf/b")
  }

  @Test func aDirectoryReplacedByAnother() throws {
    try world.saveAll()
    builder.file("etc/conf.new/a", "a")
    builder.file("etc/conf.new/c", "c")
    builder.rename("etc/conf", "etc/conf.old")
    builder.rename("etc/conf.new", "etc/conf")
    try world.expectNoChange("etc/conf/a")
    builder.append("etc/conf/a", "more")
    try world.expectChange("etc/conf/a", .modified)
    builder.append("etc/conf.old/a", "more")
    try world.expectChange("etc/conf.old/a", .added)
  }

  @Test func aDirectoryReplacedByASymlinkAndBack() throws {
    try world.saveAll()
    builder.rename("etc/conf", "etc/real")
    builder.symlink(BytePath("etc/conf"), to: Array("real".utf8))
    try world.expectChange("etc/conf", .modified)
    try world.expectChange("etc/conf/a", .deleted)
    unlink(base + "/etc/conf")
    builder.rename("etc/real", "etc/conf")
    try world.expectNoChange("etc/conf/a")
    try world.expectNoChange("etc/conf")
  }

  @Test func allOfEtcRemovedAndMadeAgain() throws {
    try world.saveAll()
    builder.remove("etc")
    try world.expectChange("etc/conf/a", .deleted)
    builder.file("etc/conf/a", "a")
    try world.expectNoChange("etc/conf/a")
    builder.file("etc/conf/b", "b")
    try world.expectChange("etc/conf/b", .added)
  }

  @Test func pathsOutsideEtcThatDoNotExistYet() throws {
    builder.file("root/.ssh/authorized_keys", "key")
    try world.expectChange("root/.ssh/authorized_keys", .added)
    builder.file("var/lib/app/state", "1")
    try world.expectChange("var/lib/app/state", .added)
    builder.file("var/lib/app/other", "1")
    try world.expectNoChange("var/lib/app/other")
  }

  @Test func aFileInTheRootDirectory() throws {
    builder.file("top", "1")
    try world.expectChange("top", .added)
    try world.saveAll()
    builder.file("top", "2")
    try world.expectChange("top", .modified)
    builder.remove("top")
    try world.expectChange("top", .deleted)
  }

  @Test func anIncludedFileBehindASymlink() throws {
    builder.file("data/file", "1")
    builder.symlink(BytePath("srv/link"), to: Array("/data".utf8))
    try world.expectChange("srv/link/file", .added)
    try world.saveAll()
    builder.file("data/file", "2")
    try world.expectChange("srv/link/file", .modified)
    builder.remove("data")
    try world.expectChange("srv/link/file", .deleted)
  }

  @Test func aSymlinkOutOfTheRootLeadsNowhere() throws {
    builder.symlink(BytePath("srv/link"), to: Array("../../../../../../../../etc".utf8))
    try world.settle()
    try world.expectNoChange("srv/link/file")
  }

  @Test func theListsAreFollowedAtOnce() throws {
    builder.file("opt/app/conf", "1")
    try world.expectNoChange("opt/app/conf")
    builder.append("etc/apk/protected_paths.d/lbu.list", "+opt/app\n-etc/conf\n")
    try world.expectChange("opt/app/conf", .added)
    try world.expectNoChange("etc/conf/a")
    builder.remove("etc/apk/protected_paths.d")
    try world.expectNoChange("opt/app/conf")
    builder.file("etc/apk/protected_paths.d/other.list", "+opt/app\n")
    try world.expectChange("opt/app/conf", .added)
  }

  @Test func theDatabaseIsFollowedAtOnce() throws {
    // The SHA-1 of "a", as sha1sum says.
    let record = "P:p\nF:etc\nF:etc/conf\nR:a\nZ:X186f7e437faa5a7fce15d1ddcb9eaeaea377667b8\n\n"
    builder.file("lib/apk/db/installed.new", record)
    builder.rename("lib/apk/db/installed.new", "lib/apk/db/installed")
    try world.expectNoChange("etc/conf/a")
    builder.append("etc/conf/a", "changed")
    try world.expectChange("etc/conf/a", .added)
    builder.file("etc/conf/a", "a")
    try world.expectNoChange("etc/conf/a")
  }

  @Test func aFileChangedAndChangedBackIsClean() throws {
    try world.saveAll()
    builder.file("etc/conf/a", "b")
    try world.expectChange("etc/conf/a", .modified)
    builder.file("etc/conf/a", "a")
    try world.expectNoChange("etc/conf/a")
    builder.mode(BytePath("etc/conf/a"), 0o600)
    try world.expectChange("etc/conf/a", .metadata)
    builder.mode(BytePath("etc/conf/a"), 0o644)
    try world.expectNoChange("etc/conf/a")
  }

  @Test func twoWritesWithinATickOfTheClock() throws {
    try world.saveAll()
    for number in 0..<200 {
      builder.file("etc/conf/a", number % 2 == 0 ? "b" : "a")
      try world.settle()
      #expect((world.change("etc/conf/a") == nil) == (number % 2 == 1))
    }
  }

  @Test func changesThroughAHardLinkElsewhereAreFoundByARescan() throws {
    try world.saveAll()
    builder.directory(BytePath("tmp"))
    link(base + "/etc/conf/a", base + "/tmp/other")
    try world.settle()
    builder.append("tmp/other", "more")
    try world.rescan()
    #expect(world.change("etc/conf/a") == .modified)
  }

  @Test func writesThroughAMappingAreFoundByARescan() throws {
    builder.file(BytePath("etc/conf/mapped"), [UInt8](repeating: 1, count: 4096))
    try world.saveAll()
    let descriptor = open(base + "/etc/conf/mapped", O_RDWR)
    let memory = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
    close(descriptor)
    try world.settle()
    // Past the clock's tick, as any write some time after a scan is.
    usleep(20_000)
    memory.storeBytes(of: 7, as: UInt8.self)
    try world.rescan()
    #expect(world.change("etc/conf/mapped") == .modified)
    munmap(memory, 4096)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func aMountOnTopIsFoundByARescan() throws {
    try world.saveAll()
    builder.directory(BytePath("tmp/other"))
    // MS_BIND, and MNT_DETACH below.
    guard mount(base + "/tmp/other", base + "/etc/conf", nil, 4096, nil) == 0 else {
      Issue.record("mount: \(String(cString: strerror(errno)))")
      return
    }
    try world.rescan()
    #expect(world.change("etc/conf/a") == .deleted)
    umount2(base + "/etc/conf", 2)
    try world.rescan()
    #expect(world.change("etc/conf/a") == nil)
  }

  @Test func namesOfEveryKindOfBytes() throws {
    try world.saveAll()
    let names: [[UInt8]] = [
      [0xff, 0xfe], Array("new\nline".utf8), Array(" ".utf8), [UInt8](repeating: 0xe9, count: 255),
      Array("-n".utf8), Array("*".utf8),
    ]
    for name in names { builder.file(BytePath("etc").appending(name), [1]) }
    try world.settle()
    for name in names { #expect(world.changes[BytePath("etc").appending(name)] == .added) }
    try world.expectEqualToFullScan()
  }

  @Test func aPathLongerThanApkLooksAtIsLeftOutAndSaid() throws {
    // Made from inside, component by component; the whole is over 5,000 bytes.
    let component = String(repeating: "d", count: 250)
    let script = "cd '\(base)/etc' && for i in $(seq 20); do mkdir \(component) && cd ./\(component) || exit 1; done"
    #expect(run(["bash", "-c", script + "&& echo x > f"]).code == 0)
    let whole = (0..<16).reduce(BytePath("etc")) { path, _ in path.appending(component.utf8) }
    try world.settle()
    #expect(whole.bytes.count == 4019)
    #expect(world.changes[whole] == .added)
    #expect(world.changes.keys.allSatisfy { $0.bytes.count <= 4094 })
    try world.expectEqualToFullScan()
    #expect(
      world.tree.problems.map(\.text) == ["1 paths of more than 4094 bytes are left out, as apk leaves them out"])
    // rm -rf in the end must manage it too.
    #expect(run(["rm", "-rf", base + "/etc/" + component]).code == 0)
    try world.settle()
    #expect(world.tree.problems.isEmpty)
  }

  @Test func filesDatedOutsideWhatNanosecondsCanCount() throws {
    for year in ["1500", "2262", "2300", "9999"] {
      builder.file("etc/year\(year)", year)
      #expect(run(["touch", "-d", "\(year)-06-01", base + "/etc/year\(year)"]).code == 0)
      try world.expectChange("etc/year\(year)", .added)
    }
    try world.saveAll()
  }

  @Test func anIncludedFileBehindASymlinkWakesTheReader() throws {
    builder.symlink(BytePath("srv/link"), to: Array("/data".utf8))
    try world.settle()
    builder.file("data/file", "1")
    try world.settle()
    // Its directory came later, and is watched now.
    builder.file("data/file", "2")
    var events = 0
    try world.tree.inotify.drain { _ in events += 1 }
    #expect(events > 0)
  }

  @Test func aDirectoryWithoutAWatchThatIsSwappedAway() throws {
    // As the watch limit leaves it.
    let conf = try #require(world.tree.directory(at: BytePath("etc/conf")))
    if let watch = conf.watch, world.tree.watches.remove(conf, from: watch) { world.tree.inotify.remove(watch) }
    conf.watch = nil
    world.tree.unwatched[ObjectIdentifier(conf)] = conf
    builder.append("etc/conf/a", "more")
    try world.expectChange("etc/conf/a", .added)
    builder.rename("etc/conf", "tmp-conf")
    builder.mode(BytePath("tmp-conf"), 0o700)
    try world.expectNoChange("etc/conf/a")
  }

  @Test func anUnreadableDirectoryBlocksAndIsNamed() throws {
    try world.saveAll()
    world.tree.unreadable[BytePath("etc/conf")] = FileError("open", BytePath("etc/conf"), code: EIO)
    #expect(
      world.tree.problems == [
        Problem(
          .blocking, subject: "/etc/conf", "cannot be read: input/output error",
          remedy: "mend it, or leave it out by the line -etc/conf in lbu.list")
      ])
    try world.rescan()
    #expect(world.tree.problems.isEmpty)
  }
}

/// A tree with its journal, and a fresh scan to compare with.
final class WatchedRoot {
  let tree: OverlayTree
  private let directory: TemporaryDirectory
  private let root: RootDirectory
  private var rules: ControlFiles
  private(set) var journal = Journal()

  init(_ directory: TemporaryDirectory) throws {
    self.directory = directory
    root = try RootDirectory(path: directory.path)
    rules = ControlFiles(root: root)
    tree = try OverlayTree(root: root, selection: rules.load().selection)
    journal.replaceBaseline([:], at: Instant(nanoseconds: 0))
    try tree.rescan(into: &journal, at: SystemClock.now())
  }

  var changes: [BytePath: Change.Kind] { journal.changes.mapValues(\.kind) }
  func change(_ path: String) -> Change.Kind? { changes[BytePath(path)] }

  /// Takes in what has happened, as the pipeline's step does.
  func settle() throws {
    try tree.update(&journal, at: SystemClock.now())
    if rules.mayHaveChanged() { try tree.select(rules.load().selection, into: &journal, at: SystemClock.now()) }
  }

  func rescan() throws { try tree.rescan(into: &journal, at: SystemClock.now()) }
  func lookForUnseen() throws { _ = try tree.lookForUnseen(into: &journal, at: SystemClock.now()) }

  /// Makes all there is the baseline, as a commit does.
  func saveAll() throws {
    try settle()
    let output = open(directory.path + "/.out", O_RDWR | O_CREAT | O_TRUNC, 0o600)
    defer { close(output) }
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 0)
    let built = try SnapshotBuilder.build(
      CommitRecipe(tree.entries), facts: facts, root: root, output: FileOutput(raw: output, path: ".out"))
    let again = journal.committed(built.entries, upTo: journal.generation)
    try tree.lookAgain(at: again, into: &journal, at: SystemClock.now())
    #expect(journal.isClean)
  }

  func expectChange(_ path: String, _ kind: Change.Kind) throws {
    try settle()
    #expect(change(path) == kind, "\(path)")
    try expectEqualToFullScan()
  }

  func expectNoChange(_ path: String) throws {
    try settle()
    #expect(change(path) == nil, "\(path)")
    try expectEqualToFullScan()
  }

  func expectEqualToFullScan() throws {
    var fresh = Journal()
    fresh.replaceBaseline(journal.baseline, at: Instant(nanoseconds: 0))
    var control = ControlFiles(root: root)
    let scan = try OverlayTree(root: root, selection: control.load().selection)
    try scan.retell(&fresh, at: Instant(nanoseconds: 0))
    #expect(changes == fresh.changes.mapValues(\.kind))
    var told = Journal()
    told.replaceBaseline(journal.baseline, at: Instant(nanoseconds: 0))
    try tree.retell(&told, at: Instant(nanoseconds: 0))
    #expect(told.changes.mapValues(\.kind) == changes, "what the tree tells from memory")
    let isEqual = tree.entries == scan.entries
    #expect(isEqual, "the entries of the tree are not those of a scan")
  }
}
