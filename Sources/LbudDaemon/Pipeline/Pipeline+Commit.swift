import LbudArchive
import LbudCore
import LbudSystem

/// A commit: prepared here, made elsewhere, and its result brought back.
extension Pipeline {
  /// Looks for what inotify cannot tell, at shutdown at everything, and says what a commit would save.
  /// - Parameters:
  ///   - reason: why it is made.
  ///   - foreign: what is done about another box's overlay.
  ///   - isForced: whether a snapshot is made though nothing differs.
  ///   - other: the media with what one call has otherwise.
  /// - Returns: nil where nothing differs.
  /// - Throws: `StoreError` where a commit must not be made.
  func planCommit(
    for reason: CommitReason = .idle, foreign: ForeignOverlays = .saveAside, isForced: Bool = false,
    media other: (any SnapshotMedia)? = nil, at now: Instant
  ) throws -> CommitPlan? {
    if reason == .shutdown { try rescan(at: now) } else { try lookForUnseen(at: now) }
    _ = try step(at: now)
    if let mediaProblem { throw mediaProblem }
    let media = other ?? self.media
    guard media.path == mediaPath else { throw StoreError.settingsChanged() }
    if let problem = obstacle(to: reason) {
      throw StoreError("nothing is saved, since \(problem.line)", hint: problem.remedy)
    }
    let hasForeign = !mediaState.foreign.isEmpty
    if hasForeign, case .refuse = foreign { throw StoreError.rivals(media.path, mediaState.foreign) }
    var isWanted = !journal.isClean || isPublicationDue || isForced
    // Whoever asks again may have mended something.
    if mediaState.isFolderTorn, reason == .request { isWanted = true }
    if hasForeign, case .remove = foreign { isWanted = true }
    guard isWanted else { return nil }
    return try plan(to: media, changes: journal.changes, foreign: foreign)
  }

  /// - Throws: `StoreError` where the snapshot would hold the snapshots.
  func plan(
    to media: any SnapshotMedia, changes: [BytePath: Change], foreign: ForeignOverlays
  ) throws(StoreError) -> CommitPlan {
    if !media.isOutside, let inside = tree.firstEntry(inside: BytePath(media.path)) {
      throw StoreError(
        "\(media.path) is part of what is saved (\(inside.path.display)): each snapshot would hold the one before",
        hint: "set LBU_BACKUPDIR to a directory that no rule reaches")
    }
    return CommitPlan(
      media: media, recipe: recipe(for: media), changes: changes, generation: journal.generation, foreign: foreign)
  }

  /// What has not changed is copied from the snapshot that is there, if it can be.
  private func recipe(for media: any SnapshotMedia) -> CommitRecipe {
    let base = base(for: media)
    let scope = base.map {
      CommitScope($0.entries, changed: Set(journal.changes.keys).union(journal.retimed.keys), linked: tree.linked)
    }
    var (tarBytes, copied): (UInt64, UInt64) = (1024, 0)
    let parts = (scope ?? .all).parts.map { part -> CommitRecipe.Part in
      switch part {
      case .copied(let spans):
        copied += (base?.record.spans ?? [])[spans].reduce(0) { $0 + $1.compressedSize }
        return .copied(spans)
      case .made(let from, let upTo):
        let stretch = tree.stretch(from: from, upTo: upTo)
        tarBytes = tarBytes.addingSaturated(stretch.tarBytes)
        return .made(stretch.entries)
      }
    }
    return CommitRecipe(
      parts: parts, base: copied > 0 ? base : nil,
      bound: SpaceNeed.archiveBound(tarBytes: tarBytes).addingSaturated(copied),
      spanSize: SnapshotRecord.spanSize(tarSize: Swift.max(tarBytes, base?.record.tarSize ?? 0)))
  }

  private func base(for media: any SnapshotMedia) -> CommitRecipe.Base? {
    guard mayCopy, foundDamage == nil, let snapshot, let record = snapshot.record, let entries = journal.baseline,
      entries.isAligned, media.path == mediaPath, media.canCopy(from: snapshot.name)
    else { return nil }
    return .init(name: snapshot.name, record: record, entries: entries)
  }

  /// Nothing is copied from the snapshot that is there before another one has been read or made.
  func distrustBase() { mayCopy = false }

  /// What differs between a snapshot and a snapshot made now.
  /// - Throws: where the tree cannot be looked at.
  func changes(since entries: SavedEntries, at now: Instant) throws -> [BytePath: Change] {
    try rescan(at: now)
    var other = Journal()
    try tree.retell(&other, against: entries, at: now)
    return other.changes
  }

  /// Paths whose difference has changed since the last call, from the first call on.
  func takeTouched() -> Set<BytePath> {
    journal.noteTouched()
    return journal.takeTouched()
  }

  func forgetTouched() { journal.forgetTouched() }

  func commitBegan() { policy.commitBegan() }

  func commitEnded() { policy.commitEnded() }

  func commitSucceeded(_ plan: CommitPlan, _ committed: CommittedSnapshot, at now: Instant) throws {
    policy.commitSucceeded(at: now)
    lastFailure = nil
    isUnsettled = false
    foundDamage = nil
    mayCopy = true
    mediaState.committed(committed)
    snapshot = committed.signature.map { signature in
      KnownSnapshot(
        name: committed.name, size: committed.size, modified: signature.modified.seconds,
        entryCount: committed.record.entryCount, record: committed.record, seal: committed.seal)
    }
    let again = journal.committed(committed.entries, upTo: plan.generation)
    try tree.lookAgain(at: again, into: &journal, at: now)
  }

  func commitFailed(_ error: StoreError, at now: Instant) {
    guard !error.isPutOff else { return policy.commitPutOff(at: now) }
    policy.commitFailed(at: now)
    if error.isUnsettled { isUnsettled = true }
    mediaState.failed(error)
    lastFailure = (now, error)
  }
}
