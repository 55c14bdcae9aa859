import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// After any sequence of changes the journal says what a full scan says.
@Suite struct StormTests {
  /// `contrib/test --all` sets these to the full measure: 200,000 operations, 20 rounds.
  static let operations = environmentNumber("LBUD_STORM_OPERATIONS") ?? 20_000
  static let rounds = environmentNumber("LBUD_STORM_ROUNDS") ?? 3

  @Test(arguments: 1...rounds)
  func endsEqualToAFullScan(seed: Int) throws {
    let storm = try StormRoot()
    let done = Flag()
    startThread { [base = storm.directory.path] in
      var operations = RandomOperations(seed: UInt64(seed), base: base)
      for _ in 0..<Self.operations { operations.perform() }
      done.raise()
    }
    // The reader keeps on reading while the storm lasts, as the daemon does; at times too slowly for the queue.
    var generator = SeededNumbers(seed: UInt64(seed) &* 77)
    while !done.isRaised {
      try storm.update()
      if generator.next() % 8 == 0 { usleep(UInt32(generator.next() % 60_000)) }
    }
    try storm.update()
    try storm.expectEqualToFullScan()
  }

  @Test(arguments: 1...6)
  func isEqualAfterEachStep(seed: Int) throws {
    let storm = try StormRoot()
    var operations = RandomOperations(seed: UInt64(seed) &+ 1000, base: storm.directory.path)
    for _ in 0..<60 {
      for _ in 0..<(1 + operations.choose(4)) { operations.perform() }
      try storm.update()
      guard try storm.expectEqualToFullScan() else { return }
    }
  }

  @Test func isEqualAfterAnOverflow() throws {
    let storm = try StormRoot()
    var operations = RandomOperations(seed: 5, base: storm.directory.path)
    // More events than the queue holds while nobody reads.
    let builder = TreeBuilder(storm.directory.path)
    for number in 0..<20_000 { builder.file("etc/overflow-\(number % 50)", "\(number)") }
    for _ in 0..<500 { operations.perform() }
    try storm.update()
    #expect(storm.overflowsSeen > 0)
    try storm.expectEqualToFullScan()
  }
}

/// A root with a snapshot of its first state as the baseline.
final class StormRoot {
  let directory = TemporaryDirectory()
  let baseline: [BytePath: Fingerprint]
  private let tree: OverlayTree
  private var journal = Journal()
  private(set) var overflowsSeen = 0

  init() throws {
    let builder = TreeBuilder(directory.path)
    builder.directory(BytePath("etc/apk/protected_paths.d"))
    builder.directory(BytePath("lib/apk/db"))
    builder.file("etc/apk/protected_paths.d/lbu.list", "+root/.config\n+var/lib/x\n-etc/skip\n+top\n")
    builder.file("lib/apk/db/installed", "")
    for number in 0..<200 { builder.file("etc/d\(number % 7)/e\(number % 3)/f\(number)", "content \(number)\n") }
    let root = try RootDirectory(path: directory.path)
    baseline = try Self.fingerprints(root)
    tree = try Self.tree(root)
    journal.replaceBaseline(baseline, at: Instant(nanoseconds: 0))
    try tree.retell(&journal, at: Instant(nanoseconds: 0))
    #expect(journal.isClean)
  }

  func update() throws {
    let before = tree.lostEvents
    try tree.update(&journal, at: SystemClock.now())
    overflowsSeen += tree.lostEvents - before
  }

  @discardableResult
  func expectEqualToFullScan() throws -> Bool {
    var fresh = Journal()
    fresh.replaceBaseline(baseline, at: Instant(nanoseconds: 0))
    let scan = try Self.tree(RootDirectory(path: directory.path))
    try scan.retell(&fresh, at: Instant(nanoseconds: 0))
    let seen = journal.changes.mapValues { $0.kind.rawValue }
    let scanned = fresh.changes.mapValues { $0.kind.rawValue }
    for (path, kind) in scanned where seen[path] != kind {
      Issue.record("\(path): a scan says \(kind), the journal \(String(describing: seen[path]))")
    }
    for path in seen.keys where scanned[path] == nil { Issue.record("\(path): only in the journal") }
    // What the tree knows is what there is: another journal is told the same from memory.
    var other = Journal()
    other.replaceBaseline(baseline, at: Instant(nanoseconds: 0))
    try tree.retell(&other, at: Instant(nanoseconds: 0))
    let told = other.changes.mapValues { $0.kind.rawValue }
    #expect(told == scanned, "what the tree tells from memory is not what a scan tells")
    let entries = tree.entries == scan.entries
    #expect(entries, "the entries of the tree are not those of a scan")
    return seen == scanned && told == scanned && entries
  }

  private static func tree(_ root: RootDirectory) throws -> OverlayTree {
    var control = ControlFiles(root: root)
    return try OverlayTree(root: root, selection: control.load().selection)
  }

  private static func fingerprints(_ root: RootDirectory) throws -> [BytePath: Fingerprint] {
    var everything = Journal()
    let tree = try tree(root)
    try tree.rescan(into: &everything, at: Instant(nanoseconds: 0))
    var fingerprints: [BytePath: Fingerprint] = [:]
    for (path, change) in everything.changes {
      var fingerprint = try #require(change.now)
      if case .file(let size, _) = fingerprint.content {
        let parent = try root.openWithoutLinks(path.parent)
        let content = try #require(try ContentReader().read(path.name, in: parent, path: path, packageKind: nil))
        fingerprint.content = .file(size: size, digest: content.digest)
      }
      fingerprints[path] = fingerprint
    }
    return fingerprints
  }
}

/// Creations, writes, renames of files and directories, links and removals.
struct RandomOperations {
  private var generator: SeededNumbers
  private let base: String

  init(seed: UInt64, base: String) {
    generator = SeededNumbers(seed: seed)
    self.base = base
  }

  mutating func choose(_ count: UInt64) -> Int { Int(generator.next() % count) }

  private mutating func directory() -> String {
    let roots = ["etc", "etc", "etc", "etc/skip", "root/.config", "var/lib", "etc/d1", "etc/d2/e1"]
    var path = base + "/" + roots[choose(UInt64(roots.count))]
    for _ in 0..<choose(4) { path += "/d\(choose(6))" }
    return path
  }

  private mutating func file() -> String { directory() + "/f\(choose(12))" }

  mutating func perform() {
    switch choose(20) {
    case 0...2: mkdir(directory(), 0o755)
    case 3...8: write(file(), "\(choose(5))\n", O_CREAT | O_TRUNC)
    case 9: write(file(), "x", O_APPEND)
    case 10, 11: rename(file(), file())
    case 12, 13: rename(directory(), directory())
    case 14: unlink(file())
    case 15: symlink("target\(choose(3))", file())
    case 16: chmod(choose(2) == 0 ? file() : directory(), [0o600, 0o644, 0o755][choose(3)])
    case 17: link(file(), file())
    case 18: removeTree(directory())
    default:
      let path = directory()
      mkdir(path, 0o755)
      for number in 0..<3 { write(path + "/f\(number)", "\(choose(3))", O_CREAT | O_TRUNC) }
      rename(path, directory())
    }
  }

  private func write(_ path: String, _ text: String, _ flags: Int32) {
    let descriptor = open(path, O_WRONLY | O_NONBLOCK | flags, 0o644)
    guard descriptor >= 0 else { return }
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  /// Of the roots only what is in them goes.
  private func removeTree(_ path: String) {
    guard path.split(separator: "/").count > 5, let stream = opendir(path) else { return }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(path + "/" + name) }
    }
    closedir(stream)
    for name in names where unlink(name) != 0 { removeTree(name) }
    rmdir(path)
  }
}

func environmentNumber(_ name: String) -> Int? {
  getenv(name).flatMap { Int(String(cString: $0)) }
}
