/// What differs from the last snapshot on the media, path by path.
///
/// The journal does not look at anything itself: it is told what a snapshot holds (`baseline`) and what a snapshot made
/// now would hold (`observe`), and keeps the difference. Each change gets a generation, so that a commit clears only
/// what it has seen.
package struct Journal: Sendable {
  /// What the last snapshot holds; nil while that is not known, since no media is there to read it from.
  package private(set) var baseline: SavedEntries?
  package private(set) var changes: [BytePath: Change] = [:]
  /// Whether there is a snapshot that is still being read: until then nothing can be said of any path, and all will be told
  /// again. To note sixty thousand changes meanwhile would cost more than the rest of the start.
  package var expectsBaseline = false
  /// Counts the changes seen; it never goes back.
  package private(set) var generation: UInt64 = 0
  /// Files of which the last snapshot holds the content with another time, and the time that they have; seconds since 1970.
  /// No reason for a commit, but the next one that there is takes them anew.
  package private(set) var retimed: [BytePath: Int64] = [:]
  /// Paths whose difference has changed since it was last asked; nil while nobody asks.
  private var touched: Set<BytePath>?
  /// When the changes were first and last seen.
  private var firsts = InstantTally()
  private var lasts = InstantTally()

  package init() {}

  package var isClean: Bool { changes.isEmpty }

  /// When the oldest change that waits was first seen.
  package var oldest: Instant? { firsts.first }

  /// When a change was last seen, of those that wait.
  package var newest: Instant? { lasts.last }

  package func changes(ofKind kind: Change.Kind) -> Int {
    changes.values.lazy.filter { $0.kind == kind }.count
  }

  /// Whether telling the path from its baseline takes the content's digest: only then is a file worth reading.
  package func needsDigest(_ path: BytePath, size: UInt64) -> Bool {
    guard case .file(size, _)? = baseline?[path]?.content else { return false }
    return true
  }

  /// Takes another snapshot as what is saved. Everything that a snapshot made now would hold must be observed after it;
  /// what differed before and still does keeps the time since when.
  package mutating func replaceBaseline(_ entries: SavedEntries?, at now: Instant) {
    changeBaseline(to: entries)
    for path in (entries ?? .empty).keys where changes[path] == nil { observe(path, nil, at: now) }
  }

  /// The same for who observes those of its entries too that a snapshot made now would not hold: of the others, a journal of
  /// sixty thousand need not say for a moment that they are gone.
  package mutating func changeBaseline(to entries: SavedEntries?) {
    baseline = entries
    expectsBaseline = false
    retimed = [:]
    touched?.formUnion(changes.keys)
    keepChanges { $0.now != nil }
  }

  /// Takes note of what a snapshot made now would hold at a path; nil for nothing.
  /// - Parameter modified: a file's modification time, in seconds since 1970; nil where it does not matter.
  /// - Returns: whether the last snapshot holds something there.
  @discardableResult
  package mutating func observe(
    _ path: BytePath, _ now: Fingerprint?, modified: Int64? = nil, at instant: Instant
  ) -> Bool {
    if expectsBaseline { return false }
    let entry = baseline?.entry(path)
    let saved = entry?.fingerprint
    if let modified, let entry, let now, now.kind != .directory, entry.modificationTime != modified {
      retimed[path] = modified
    } else if !retimed.isEmpty {
      retimed[path] = nil
    }
    guard let kind = Self.difference(from: saved, to: now) else {
      if let gone = changes.removeValue(forKey: path) {
        firsts.remove(gone.first)
        lasts.remove(gone.last)
        touched?.insert(path)
      }
      return saved != nil
    }
    let known = changes[path]
    // Seen before and surely the same: nothing has happened, though what is saved may be another snapshot since.
    // Content nobody has read may have changed.
    if let known, known.now == now, now?.isKnown ?? true {
      guard known.kind != kind else { return saved != nil }
      touched?.insert(path)
      changes[path]?.kind = kind
      return saved != nil
    }
    if known?.kind != kind || known?.now != now { touched?.insert(path) }
    generation += 1
    if let known { lasts.remove(known.last) } else { firsts.add(instant) }
    lasts.add(instant)
    changes[path] = Change(
      kind: kind, first: known?.first ?? instant, last: instant, generation: generation, now: now)
    return saved != nil
  }

  private mutating func keepChanges(where isKept: (Change) -> Bool) {
    changes = changes.filter { isKept($0.value) }
    firsts = InstantTally(changes.values.map(\.first))
    lasts = InstantTally(changes.values.map(\.last))
  }

  /// A commit has been made of what there was up to a generation.
  /// - Returns: paths that changed since, and those of which the snapshot holds something else than was last seen (a
  ///   change taken back while the commit was made): to be observed again, now that what is saved of them is known.
  package mutating func committed(_ entries: SavedEntries, upTo seen: UInt64) -> [BytePath] {
    let before = baseline ?? .empty
    baseline = entries
    retimed = retimed.filter { path, modified in entries.entry(path).map { $0.modificationTime != modified } ?? false }
    var again: [BytePath] = []
    for (path, change) in changes
    where change.generation > seen || (change.now?.isKnown ?? true && change.now != entries[path]) {
      again.append(path)
    }
    // A path without a change was last seen as it was saved before. What both share cannot differ.
    for span in entries.spans(notIn: before) {
      for place in 0..<span.count {
        let path = span.path(place)
        if changes[path] == nil, before[path] != span.fingerprint(place) { again.append(path) }
      }
    }
    for span in before.spans(notIn: entries) {
      for place in 0..<span.count {
        let path = span.path(place)
        if changes[path] == nil, entries[path] == nil { again.append(path) }
      }
    }
    keepChanges { $0.generation > seen }
    touched = touched?.filter { changes[$0] != nil }
    return again
  }

  /// What differs between two snapshots.
  /// - Parameter now: when all of it counts as seen.
  package static func changes(
    from old: SavedEntries, to new: SavedEntries, at now: Instant
  ) -> [BytePath: Change] {
    var journal = Journal()
    journal.replaceBaseline(old, at: now)
    for (path, entry) in new { journal.observe(path, entry, at: now) }
    return journal.changes
  }

  // MARK: What has changed of the difference

  /// Begins to note which paths differ otherwise than they did, or no longer.
  package mutating func noteTouched() { touched = touched ?? [] }

  /// Nobody asks any more.
  package mutating func forgetTouched() { touched = nil }

  /// The paths since the last call. What a commit has saved is not among them.
  package mutating func takeTouched() -> Set<BytePath> {
    guard let taken = touched, !taken.isEmpty else { return [] }
    touched = []
    return taken
  }

  private static func difference(from saved: Fingerprint?, to now: Fingerprint?) -> Change.Kind? {
    switch (saved, now) {
    case (nil, nil): return nil
    case (nil, _?): return .added
    case (_?, nil): return .deleted
    case (let saved?, let now?):
      guard saved.content == now.content else { return .modified }
      return saved == now ? nil : .metadata
    }
  }
}

extension Fingerprint {
  /// Whether the fingerprint tells the content, so that two equal ones mean equal content.
  var isKnown: Bool {
    if case .file(let size, nil) = content, size > 0 { return false }
    return true
  }
}
