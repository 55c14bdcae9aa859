import LbudArchive
import LbudCore

/// Putting back into the running system what a snapshot holds.
extension SnapshotStore {
  /// What is held in memory of all entries of a snapshot together is then not more than some 100 MB.
  static let restoreLimits = SnapshotIndex.Limits(entries: 500_000, names: 64 << 20)

  /// Restores, or says what would be done. Nothing is written before the whole snapshot has been read and found good; then
  /// all is made beside its place, and takes its place when it is whole; a step that fails takes back those before.
  ///
  /// Extended attributes are not restored: no snapshot holds them.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError`; then the running system is as it was, but for what the error names.
  package func restore(_ order: RestoreOrder, say: @escaping (String) -> Void) throws(StoreError) -> Restored {
    try restore(order, say: say) { _, _ in }
  }

  func restore(
    _ order: RestoreOrder, limits: SnapshotIndex.Limits = Self.restoreLimits, say: @escaping (String) -> Void,
    checkpoint: @escaping RestoreCheckpoint
  ) throws(StoreError) -> Restored {
    do throws(StoreError) {
      return try readingSnapshots("nothing is restored", say: say) { open in
        let snapshot = try open(order.snapshot)
        let listing = try read(snapshot, order, limits)
        let (plan, notes) = try plan(order, listing, snapshot.path)
        var restored = Restored(
          media: path, snapshot: snapshot.entry.relativeName,
          actions: plan.told.map { .init(path: $0.path, kind: $0.kind) }, notes: notes)
        if !order.isDryRun { restored.notes += try carryOut(order, plan, listing, snapshot, say, checkpoint) }
        return restored
      }
    } catch let error where error.isDamage {
      // What is said of the current one is about its being replaced.
      throw StoreError(
        "nothing is restored: \(error)", hint: "set the PASSWORD that it has, or name another one: lbuctl log")
    } catch let error where error.isPasswordMissing {
      var missing = StoreError("nothing is restored: \(error)", hint: error.hint)
      missing.isPasswordMissing = true
      throw missing
    }
  }

  /// The first reading: what is not good to the last byte is not restored from.
  private func read(
    _ snapshot: OpenSnapshot, _ order: RestoreOrder, _ limits: SnapshotIndex.Limits
  ) throws -> SnapshotListing {
    let listing: SnapshotListing
    do {
      listing = try SnapshotListing.read(
        fileSize: try snapshot.size(), limits: limits, keeps: { $0.parent == ProtectedPaths.directory },
        readAt: snapshot.read)
    } catch let error as FileError {
      throw error
    } catch let error as InterruptedReading {
      throw StoreError.notRestored(error, stuck: [])
    } catch {
      throw StoreError.notRestorable(snapshot.path, error)
    }
    let maker = listing.record?.facts.host
    guard order.takesForeign || (maker.map { $0 == host } ?? snapshot.entry.isOwn) else {
      throw StoreError.otherBoxes(snapshot.path, maker, here: host)
    }
    return listing
  }

  private func plan(
    _ order: RestoreOrder, _ listing: SnapshotListing, _ snapshot: String
  ) throws -> (RestorePlan, notes: [String]) {
    let (saved, candidates) = (listing.saved, order.candidates)
    let database = order.selection.database
    do {
      let running = try RunningStateReader.read(order.request, saved, candidates, in: root)
      let plan = try RestorePlan(
        order.request, saved: saved, running: running, selected: candidates, then: listing.rules,
        directories: database.directories, isPackaged: { database.files[$0] != nil })
      let owners = owners(of: plan.notes.map(\.path).filter { database.files[$0] != nil })
      return (plan, plan.notes.map { $0.words(owner: owners[$0.path]) })
    } catch let refusal as RestoreRefusal {
      throw StoreError.refused(refusal, snapshot) {
        owners(of: [$0])[$0]
      } mayGo: {
        !order.request.deletes && (try? root.status($0)) != nil
      }
    } catch let error as FileError {
      throw StoreError.notRestored(error, stuck: [])
    }
  }

  /// The packages that brought some paths.
  private func owners(of paths: [BytePath]) -> [BytePath: String] {
    guard !paths.isEmpty, let text = try? root.read(InstalledDatabase.path, limit: 256 << 20) else { return [:] }
    return PackageOwners.names(of: Set(paths), in: text)
  }

  /// - Returns: what could not be done when all was in its place, in words.
  private func carryOut(
    _ order: RestoreOrder, _ plan: RestorePlan, _ listing: SnapshotListing, _ snapshot: OpenSnapshot,
    _ say: @escaping (String) -> Void, _ checkpoint: @escaping RestoreCheckpoint
  ) throws -> [String] {
    let isAll = order.request.deletes && order.request.includes(.root)
    let underWay: RestoreUnderWay
    do { underWay = try RestoreUnderWay(RunFolder(root: root), isAll: isAll) } catch {
      throw StoreError.notRestored(error, stuck: [])
    }
    let stage = RestoreStage(
      root: root, plan: plan, listing: listing, keepsLeftovers: underWay.former != nil, checkpoint: checkpoint)
    let change = RestoreChange(root: root, plan: plan, checkpoint: checkpoint)
    var isBegun = false
    do {
      try stage.make(readAt: snapshot.read)
      // The last time: what has begun to change is changed to its end.
      try snapshot.goOn()
      isBegun = !plan.actions.isEmpty
      if isBegun { try underWay.begin(from: snapshot.entry.relativeName) }
      try change.make(stage.pieces)
    } catch {
      stage.discard(except: change.stuck, say: say)
      // Where something could not be taken back the word stays.
      if isBegun, change.stuck.isEmpty {
        do { try underWay.takenBack() } catch { say("\(error)") }
      }
      if error is ArchiveError || error is SnapshotListing.Difference {
        throw StoreError(
          "nothing is restored: \(snapshot.path): \(error)",
          hint: "the medium may be dying: copy what it holds and replace it")
      }
      throw StoreError.notRestored(error, stuck: change.stuck, originals: change.originals)
    }
    var notes = stage.notes + change.finish()
    do { try underWay.end() } catch { notes.append("\(error); lbud takes the restore for one that was cut off") }
    return notes
  }
}

extension SnapshotListing {
  /// The rules that the snapshot was made by, as far as it holds them; nil where it holds nothing of etc/apk, in which they
  /// are.
  fileprivate var rules: RuleReach? {
    let lists = kept.filter { $0.key.parent == ProtectedPaths.directory }.sorted { $0.key < $1.key }
    guard !lists.isEmpty || places.keys.contains(where: { $0.isInside(BytePath("etc/apk")) }) else { return nil }
    return RuleReach(ProtectedPaths(lists: lists.map { .init(name: $0.key.name, content: $0.value) }))
  }
}
