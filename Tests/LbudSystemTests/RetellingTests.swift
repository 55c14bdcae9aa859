import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// A journal with another baseline is told from memory; only contents are read.
@Suite struct RetellingTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let tree: OverlayTree
  private let baseline: SavedEntries

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("etc/apk/protected_paths.d"))
    // More than is read at once, and a directory that takes several jobs.
    for number in 0..<5000 { builder.file("etc/large/f\(number)", "content \(number)") }
    for number in 0..<1000 { builder.file("etc/d\(number % 40)/f\(number)", "content \(number)") }
    let root = try RootDirectory(path: directory.path)
    var rules = ControlFiles(root: root)
    tree = try OverlayTree(root: root, selection: rules.load().selection)
    // Past the clock's tick: so what is found is settled.
    usleep(20_000)
    var first = Journal()
    try tree.rescan(into: &first, at: Instant(nanoseconds: 0))
    let output = open(directory.path + "/out", O_RDWR | O_CREAT | O_TRUNC, 0o600)
    defer { close(output) }
    let facts = SnapshotFacts(host: "box", time: 0, reason: "request", uid: 0, changedCount: 0)
    baseline = try SnapshotBuilder.build(
      CommitRecipe(tree.entries), facts: facts, root: root, output: FileOutput(raw: output, path: "out")
    ).entries
  }

  private func told() throws -> [BytePath: Change.Kind] {
    var journal = Journal()
    journal.replaceBaseline(baseline, at: Instant(nanoseconds: 0))
    try tree.retell(&journal, at: Instant(nanoseconds: 0))
    let changes = journal.changes.mapValues(\.kind)
    // The other way to tell it, from a journal that has seen other things.
    var other = Journal()
    let fifo = Fingerprint(content: .fifo, mode: 0o600, uid: 0, gid: 0)
    other.replaceBaseline([BytePath("etc/gone"): fifo], at: Instant(nanoseconds: 0))
    other.observe(BytePath("etc/gone"), nil, at: Instant(nanoseconds: 0))
    try tree.retell(&other, against: baseline, at: Instant(nanoseconds: 0))
    #expect(other.changes.mapValues(\.kind) == changes)
    return changes
  }

  @Test func nothingDiffersFromWhatHasJustBeenSaved() throws {
    #expect(try told().isEmpty)
    // Now every digest is known.
    #expect(try told().isEmpty)
  }

  @Test func aChangeThatLeavesTheSizeIsFoundByTheContent() throws {
    builder.file("etc/large/f7", "CONTENT 7")
    builder.file("etc/d7/f7", "CONTENT 7")
    builder.remove("etc/d8/f8")
    var journal = Journal()
    try tree.update(&journal, at: Instant(nanoseconds: 0))
    #expect(
      try told() == [
        BytePath("etc/large/f7"): .modified, BytePath("etc/d7/f7"): .modified, BytePath("etc/d8/f8"): .deleted,
      ])
  }

  @Test func aFileThatHasChangedSinceIsNotTakenForTheOneKnown() throws {
    // Nobody has taken the events in: the digest that is read is of another file than the one known.
    builder.file("etc/d7/f7", "CONTENT 7")
    #expect(try told() == [BytePath("etc/d7/f7"): .modified])
  }

  @Test func whatHasComeInsteadOfWhatHasGoneIsNotTakenForIt() throws {
    builder.remove("etc/d8/f8")
    builder.file("etc/d8/g", "content 8")
    builder.file("etc/d9/f9", "")
    var journal = Journal()
    try tree.update(&journal, at: Instant(nanoseconds: 0))
    #expect(
      try told() == [BytePath("etc/d8/f8"): .deleted, BytePath("etc/d8/g"): .added, BytePath("etc/d9/f9"): .modified])
  }

  @Test func aFileThatCannotBeReadIsTriedAgain() throws {
    tree.unreadable[BytePath("etc/d7/f7")] = FileError("open", BytePath("etc/d7/f7"), code: EIO)
    #expect(try told().isEmpty)
    #expect(tree.problems.isEmpty)
  }
}

/// Listing directories.
@Suite struct NameListTests {
  private let directory = TemporaryDirectory()

  @Test func listsWhatTakesSeveralCalls() throws {
    let builder = TreeBuilder(directory.path)
    let names = (0..<3000).map { "a name that is somewhat longer than most of them are \($0)" } + ["...", ".a", "..b"]
    for name in names { builder.file(name, "") }
    var list = try RootDirectory(path: directory.path).openWithoutLinks(.root).list(path: .root)
    #expect(list.count == names.count)
    list.sort()
    let sorted = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect((0..<list.count).map { list[$0] } == sorted)
    #expect(list.byteCount == names.map(\.utf8.count).reduce(0, +))
    #expect(sorted.allSatisfy { list.contains($0) })
    #expect(!list.contains([]) && !list.contains(Array("zzz".utf8)) && !list.contains(Array("..".utf8)))
  }

  @Test func aDirectoryThatIsGoneIsEmpty() throws {
    let builder = TreeBuilder(directory.path)
    builder.directory(BytePath("gone"))
    let opened = try RootDirectory(path: directory.path).openWithoutLinks(BytePath("gone"))
    builder.remove("gone")
    #expect(try opened.list(path: BytePath("gone")).count == 0)
  }

  @Test func whatIsNoDirectoryIsAnError() throws {
    let builder = TreeBuilder(directory.path)
    builder.file("file", "")
    let file = try RootDirectory(path: directory.path).openWithoutLinks(.root).openFile(Array("file".utf8), path: .root)
    #expect(throws: FileError.self) { try file.names(path: BytePath("file")) }
  }
}
