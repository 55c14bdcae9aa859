import LbudCore
import LbudTestSupport
import Testing

/// A naive box: a tree, a snapshot, and a journal that is told of changes late and out of order, as inotify tells them.
private struct Box {
  var numbers: SeededNumbers
  var journal = Journal()
  var tree: [BytePath: Fingerprint] = [:]
  var saved: [BytePath: Fingerprint] = [:]
  var unseen: Set<BytePath> = []
  var time: Int64 = 0

  static let paths = (0..<6).map { BytePath("etc/\($0)") }

  init(seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
    journal.replaceBaseline([:], at: .at(0))
  }

  mutating func path() -> BytePath { Self.paths[Int.random(in: 0..<Self.paths.count, using: &numbers)] }

  mutating func edit() {
    let path = path()
    tree[path] = entry()
    unseen.insert(path)
  }

  /// Few different ones, so that a file often becomes what it was before.
  mutating func entry() -> Fingerprint? {
    switch Int.random(in: 0..<8, using: &numbers) {
    case 0, 1: nil
    case 2: .symlink("x")
    case 3: .file(1, mode: 0o600)
    case 4: .file(1, size: 20)
    default: .file(UInt8.random(in: 1...3, using: &numbers))
    }
  }

  mutating func look(_ path: BytePath) {
    time += 1
    unseen.remove(path)
    var now = tree[path]
    // A file whose size alone makes it dirty is not read, as in the daemon.
    if case .file(let size, _)? = now?.content, !journal.needsDigest(path, size: size) {
      now?.content = .file(size: size, digest: nil)
    }
    journal.observe(path, now, at: .at(time))
  }

  mutating func lookAtSome() {
    if let path = Self.paths.first(where: { [unseen] in unseen.contains($0) }), Bool.random(using: &numbers) {
      look(path)
    }
  }

  mutating func lookAtAll() {
    for path in Self.paths where unseen.contains(path) { look(path) }
  }

  /// Files are read one by one while the tree goes on changing.
  mutating func commit() {
    let seen = journal.generation
    var held: [BytePath: Fingerprint] = [:]
    for path in Self.paths.shuffled(using: &numbers) {
      held[path] = tree[path]
      for _ in 0..<Int.random(in: 0..<3, using: &numbers) { edit() }
      lookAtSome()
    }
    saved = held
    for path in journal.committed(held, upTo: seen) { look(path) }
  }

  mutating func anotherMedia() {
    saved = [:]
    for path in Self.paths { saved[path] = entry() }
    journal.replaceBaseline(saved, at: .at(time))
    for path in Self.paths { look(path) }
  }

  var differing: [BytePath: Change.Kind] {
    var kinds: [BytePath: Change.Kind] = [:]
    for path in Self.paths where tree[path] != saved[path] {
      switch (saved[path], tree[path]) {
      case (nil, _): kinds[path] = .added
      case (_, nil): kinds[path] = .deleted
      case (let old?, let new?): kinds[path] = old.content == new.content ? .metadata : .modified
      }
    }
    return kinds
  }
}

@Suite("A journal against a naive model")
struct JournalModelTests {
  @Test(
    "once all events are worked off, dirty is what differs from the snapshot", arguments: 1...40 as ClosedRange<UInt64>)
  func dirtyIsWhatDiffers(seed: UInt64) throws {
    var box = Box(seed: seed)
    var generation: UInt64 = 0
    for step in 0..<300 {
      switch Int.random(in: 0..<20, using: &box.numbers) {
      case 0, 1: box.commit()
      case 2: box.anotherMedia()
      case 3..<12: box.edit()
      default: box.lookAtSome()
      }
      guard step % 5 == 0 else { continue }
      box.lookAtAll()
      try #require(box.journal.generation >= generation, "seed \(seed), step \(step): a generation went back")
      generation = box.journal.generation
      try #require(box.journal.changes.mapValues(\.kind) == box.differing, "seed \(seed), step \(step)")
      try #require(box.journal.baseline == SavedEntries(box.saved), "seed \(seed), step \(step)")
      try #require(
        box.journal.changes.values.allSatisfy { $0.first <= $0.last && $0.generation <= generation },
        "seed \(seed), step \(step)")
      try #require(box.journal.oldest == box.journal.changes.values.map(\.first).min())
      try #require(box.journal.newest == box.journal.changes.values.map(\.last).max())
    }
  }
}
