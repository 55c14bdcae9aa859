import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// Commits that copy what did not change, of a real tree onto real media: each snapshot is what one made anew would be.
@Suite struct SpanCommitTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory
  private let store: SnapshotStore
  private var pipeline: Pipeline<OverlayTree, ControlFiles>

  init() throws {
    builder = TreeBuilder(directory.path)
    builder.directory(BytePath("media/usb"))
    for number in 0..<400 { builder.file("etc/d\(number / 40)/f\(number)", Self.content(number)) }
    root = try RootDirectory(path: directory.path)
    var settings = Settings()
    settings.backupDirectory = "/media/usb"
    store = try SnapshotStore(root: root, settings: settings, host: "box")
    var rules = ControlFiles(root: root)
    let loaded = rules.load()
    pipeline = Pipeline(
      tree: try OverlayTree(root: root, selection: loaded.selection), rules: rules, loaded: loaded, media: store,
      settings: settings)
    try pipeline.start(at: SystemClock.now())
    try look()
  }

  private static func content(_ number: Int) -> String {
    (0..<60).map { "option \($0) = \(number * $0)" }.joined(separator: "\n")
  }

  /// As a daemon that is started again.
  private mutating func restart() throws {
    var rules = ControlFiles(root: root)
    let loaded = rules.load()
    pipeline = Pipeline(
      tree: try OverlayTree(root: root, selection: loaded.selection), rules: rules, loaded: loaded, media: store,
      settings: pipeline.settings)
    try pipeline.start(at: SystemClock.now())
    try look()
  }

  private func look() throws {
    try pipeline.take(
      Result { () throws(StoreError) in try store.look(known: pipeline.known) { _ in } }, of: store,
      at: SystemClock.now())
  }

  private func plan(_ reason: CommitReason = .idle) throws -> CommitPlan? {
    try pipeline.planCommit(for: reason, at: SystemClock.now())
  }

  @discardableResult
  private func commit(_ plan: CommitPlan) throws -> CommittedSnapshot {
    let facts = SnapshotFacts(host: "box", time: 0, reason: "idle", uid: 0, changedCount: plan.changes.count)
    pipeline.commitBegan()
    let committed = try store.commit(CommitOrder(plan.recipe, facts: facts)) { _ in }
    try pipeline.commitSucceeded(plan, committed, at: SystemClock.now())
    return committed
  }

  private func copiedSpans(_ plan: CommitPlan) -> Int {
    plan.recipe.parts.reduce(0) { sum, part in
      if case .copied(let spans) = part { return sum + spans.count }
      return sum
    }
  }

  private func madeCount(_ plan: CommitPlan) -> Int {
    plan.recipe.parts.reduce(0) { sum, part in
      if case .made(let entries) = part { return sum + entries.count }
      return sum
    }
  }

  /// The entries of the current snapshot, and those of one that is made anew.
  private func expectAsMadeAnew() throws {
    let current = Descriptor(owning: open(directory.path + "/media/usb/box.apkovl.tar.gz", O_RDONLY | O_CLOEXEC))
    let fresh = Descriptor(owning: open(directory.path + "/fresh", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
    let facts = SnapshotFacts(host: "box", time: 0, reason: "idle", uid: 0, changedCount: 0)
    _ = try SnapshotBuilder.build(
      CommitRecipe(pipeline.entries), facts: facts, root: root, output: FileOutput(raw: fresh.raw, path: "fresh"))
    #expect(try members(current) == members(fresh))
    let index = try SnapshotStore.index(of: current, path: "current")
    #expect(index.entries == pipeline.journal.baseline)
    #expect(index.entries.isAligned && pipeline.journal.baseline?.isAligned == true)
    #expect(index.entries.spans.count == pipeline.journal.baseline?.spans.count)
  }

  /// A directory's time is that of the commit which made its span.
  private func members(_ file: borrowing Descriptor) throws -> [Member] {
    let raw = file.raw
    let size = try file.status(path: "").size
    return try SnapshotListing.read(fileSize: size) { offset, buffer in
      try retrying("read", "") { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
    }.items.map { item in
      var member = item.member
      if member.body == .directory { member.modificationTime = 0 }
      return member
    }
  }

  @Test func whatDidNotChangeIsCopied() throws {
    let first = try #require(try plan())
    #expect(copiedSpans(first) == 0)
    try commit(first)
    try expectAsMadeAnew()
    builder.file("etc/d3/f121", "another")
    let second = try #require(try plan())
    #expect(copiedSpans(second) == (pipeline.journal.baseline?.spans.count ?? 0) - 1)
    #expect(madeCount(second) < 60)
    let committed = try commit(second)
    #expect(committed.entries.count == 411)
    #expect(pipeline.journal.isClean)
    try expectAsMadeAnew()
  }

  @Test mutating func afterARestartTooItIsCopied() throws {
    try commit(#require(try plan()))
    try restart()
    builder.file("etc/d9/f399", "another")
    let plan = try #require(try plan())
    #expect(copiedSpans(plan) > 3 && plan.changes.count == 1)
  }

  /// The archive has the content under the first name, so that the other one cannot be copied without it.
  @Test("a hard link is not copied without its file", arguments: [false, true], ["etc/d0/f1", "etc/d9/zz"])
  mutating func hardLinks(restarts: Bool, removed: String) throws {
    link(directory.path + "/etc/d0/f1", directory.path + "/etc/d9/zz")
    try commit(#require(try plan()))
    try expectAsMadeAnew()
    if restarts { try restart() }
    unlink(directory.path + "/" + removed)
    try commit(#require(try plan()))
    try expectAsMadeAnew()
  }

  @Test("after many changes of every kind", arguments: 1...6) mutating func manyChanges(seed: UInt64) throws {
    var generator = SeededNumbers(seed: seed)
    try commit(#require(try plan()))
    var copied = 0
    for step in 0..<12 {
      if step % 4 == 3 { try restart() }
      for _ in 0..<Int.random(in: 1...4, using: &generator) { change(&generator) }
      guard let plan = try plan() else { continue }
      copied += copiedSpans(plan)
      try commit(plan)
      try expectAsMadeAnew()
      try #require(pipeline.journal.isClean, "seed \(seed), step \(step): \(pipeline.journal.changes)")
    }
    #expect(copied > 10, "seed \(seed)")
  }

  private func change(_ generator: inout SeededNumbers) {
    let number = Int.random(in: 0..<400, using: &generator)
    let path = directory.path + "/etc/d\(number / 40)/f\(number)"
    switch Int.random(in: 0..<10, using: &generator) {
    case 0, 1: builder.file("etc/d\(number / 40)/f\(number)", "changed \(generator.next())")
    case 2: unlink(path)
    case 3: chmod(path, mode_t.random(in: 0o400...0o777, using: &generator))
    case 4:
      var times = [timeval(tv_sec: Int.random(in: 1...1_000_000, using: &generator), tv_usec: 0)]
      times.append(times[0])
      utimes(path, times)
    case 5: rename(path, directory.path + "/etc/d\((number / 40 + 3) % 10)/f\(number)")
    case 6: link(path, path + ".hard")
    case 7: builder.symlink(BytePath("etc/d\(number / 40)/link\(number)"), to: [0xff, 0x0a])
    case 8: builder.file(BytePath(bytes: Array("etc/".utf8) + [0x80 | UInt8(number % 100), 0x0a]), [1, 2, 3])
    default: builder.directory(BytePath("etc/new\(number % 7)/\(number)"))
    }
  }

  @Test func aTouchedFileGetsItsNewTimeWithTheNextCommit() throws {
    try commit(#require(try plan()))
    let path = directory.path + "/etc/d0/f1"
    utimes(path, [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)])
    #expect(try plan() == nil, "that alone is no reason")
    builder.file("etc/d9/f390", "another")
    try commit(#require(try plan()))
    try expectAsMadeAnew()
  }

  @Test func anotherFileInItsPlaceIsNotCopiedFrom() throws {
    try commit(#require(try plan()))
    builder.file("etc/d1/f41", "another")
    let second = try #require(try plan())
    #expect(copiedSpans(second) > 0)
    builder.file("media/usb/box.apkovl.tar.gz", "something else")
    do {
      try commit(second)
      Issue.record("it was copied from")
    } catch let error as StoreError {
      #expect(error.isAboutBase)
      #expect(error.description == "/media/usb/box.apkovl.tar.gz is not what it was when lbud read it last")
    }
    pipeline.commitFailed(StoreError("", hint: ""), at: SystemClock.now())
    pipeline.distrustBase()
    let third = try #require(try plan())
    #expect(copiedSpans(third) == 0)
    try commit(third)
    try expectAsMadeAnew()
    builder.file("etc/d1/f41", "one more")
    #expect(try copiedSpans(#require(try plan())) > 0, "the new one is known again")
  }

  @Test("a span that is not what it was is not copied", arguments: [true, false], [5000, 0])
  func damagedSpans(verifies: Bool, place: off_t) throws {
    try commit(#require(try plan()))
    builder.file("etc/d9/f399", "another")
    let second = try #require(try plan())
    let raw = open(directory.path + "/media/usb/box.apkovl.tar.gz", O_RDWR | O_CLOEXEC)
    defer { close(raw) }
    var byte: UInt8 = 0
    #expect(pread(raw, &byte, 1, place) == 1)
    byte ^= 1
    #expect(pwrite(raw, &byte, 1, place) == 1)
    var other = store
    other.verifies = verifies
    let facts = SnapshotFacts(host: "box", time: 0, reason: "idle", uid: 0, changedCount: 1)
    do {
      _ = try other.commit(CommitOrder(second.recipe, facts: facts)) { _ in }
      Issue.record("it was copied")
    } catch {
      #expect(error.isAboutBase)
    }
  }

  @Test func aFileThatIsCutIsNotCopiedFrom() throws {
    try commit(#require(try plan()))
    builder.file("etc/d9/f399", "another")
    let second = try #require(try plan())
    #expect(truncate(directory.path + "/media/usb/box.apkovl.tar.gz", 9000) == 0)
    do {
      try commit(second)
      Issue.record("it was copied from")
    } catch let error as StoreError {
      #expect(error.isAboutBase)
    }
  }

  @Test func withoutReadingBackItIsCopiedAsWell() throws {
    try commit(#require(try plan()))
    builder.file("etc/d9/f399", "another")
    let second = try #require(try plan())
    var other = store
    other.verifies = false
    let facts = SnapshotFacts(host: "box", time: 0, reason: "idle", uid: 0, changedCount: 1)
    let committed = try other.commit(CommitOrder(second.recipe, facts: facts)) { _ in }
    try pipeline.commitSucceeded(second, committed, at: SystemClock.now())
    try expectAsMadeAnew()
  }

  @Test func encryptedOnesAreMadeAnew() throws {
    var settings = Settings()
    settings.backupDirectory = "/media/usb"
    settings.encryption = "aes-256-cbc"
    let encrypted = try SnapshotStore(root: root, settings: settings, host: "box")
    #expect(!encrypted.canCopy(from: "box.apkovl.tar.gz"))
    #expect(!store.canCopy(from: "box.apkovl.tar.gz.aes-256-cbc"))
    #expect(store.canCopy(from: "box.apkovl.tar.gz"))
  }

  @Test func mediaInsideWhatIsSavedAreRefusedAsEver() throws {
    builder.file("etc/apk/protected_paths.d/lbu.list", "+media\n")
    _ = try pipeline.step(at: SystemClock.now())
    #expect(throws: StoreError.self) { try plan() }
  }
}
