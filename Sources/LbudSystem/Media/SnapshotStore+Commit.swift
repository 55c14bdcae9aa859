import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What is to be saved, and how.
package struct CommitOrder: Sendable {
  package var recipe: CommitRecipe
  package var facts: SnapshotFacts
  package var foreign: ForeignOverlays
  /// Whether a snapshot of the same as the one before leaves that one, as an old one.
  package var keepsRepetition = false
  /// Whether it is to be confirmed, or the one before becomes current again.
  package var confirmation: ConfirmationOrder?
  /// What the current snapshot is known to be confirmed by, for where the media cannot tell any more.
  package var standing: Confirmation?
  /// Takes how far it is, on the thread of the commit.
  package var progress: @Sendable (CommitProgress) -> Void = { _ in }
  /// Asked when all has been read and nothing is published yet: it throws where what was read is not to be kept.
  package var approve: @Sendable () throws(StoreError) -> Void

  /// Whether a person wants it now, and no rule.
  var isRequested: Bool { facts.reason == CommitReason.request.rawValue }

  package init(
    _ recipe: CommitRecipe, facts: SnapshotFacts, foreign: ForeignOverlays = .refuse,
    approve: @escaping @Sendable () throws(StoreError) -> Void = { () throws(StoreError) in }
  ) {
    self.recipe = recipe
    self.facts = facts
    self.foreign = foreign
    self.approve = approve
  }
}

extension SnapshotStore {
  /// Archives the entries and makes the result the current snapshot, on media that are mounted and made writable for
  /// that and put back afterwards.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError`; the media then holds a whole current snapshot, mostly the one from before.
  package func commit(
    _ order: CommitOrder, say: @escaping (String) -> Void
  ) throws(StoreError) -> CommittedSnapshot {
    var notes: [String] = []
    let openssl = try encryptor()
    return try explaining("the snapshot could not be made", hint: "the current snapshot is untouched") {
      let (published, droppedBy, free) = try mount.withAccess(
        .writing, note: { notes.append($0.lineWithRemedy) }, say: say
      ) {
        let publisher = try Publisher.open(self, openssl, foreign: order.foreign, known: order.standing, say: say)
        publisher.meter = ProgressMeter(order.progress)
        let published = try publish(order, by: publisher)
        let isByRule = !published.dropped.isEmpty && publisher.madeRoom.isEmpty
        let free = try? Space.free(publisher.top, path: path).bytes
        return (published, isByRule ? retention.setting : nil, free)
      }
      owners.remember(say)
      return CommittedSnapshot(
        entries: published.built.entries, record: published.built.record, name: published.name,
        notes: published.built.notes + published.notes + notes, former: published.former, retired: published.retired,
        removed: published.removed, staying: published.staying, dropped: published.dropped,
        droppedBy: droppedBy, size: published.status.size, signature: published.status.signature, free: free,
        glance: try? glance(), confirmation: published.confirmation,
        seal: published.seal)
    }
  }

  private func publish(_ order: CommitOrder, by publisher: Publisher) throws -> Publisher.Published {
    // Nobody may have seen it so far: media that are unmounted between the commits show nothing.
    if !order.isRequested, let name = try encryptedOne(of: publisher.rivals.own, in: publisher.top) {
      throw StoreError.wouldReveal(displayText(of: name))
    }
    let isAside = !publisher.rivals.staying.isEmpty
    try publisher.makeRoom(bound: order.recipe.bound + overhead, isAside: isAside) {
      try measure(order, publisher) + overhead
    }
    do {
      return try publish(order, isAside, publisher)
    } catch let error as FileError where error.code == ENOSPC || error.code == EDQUOT {
      guard try publisher.makeAnyRoom() else { throw error }
      publisher.say("\(error); old snapshots beyond the limit are removed, trying again")
      return try publish(order, isAside, publisher)
    }
  }

  private func publish(
    _ order: CommitOrder, _ isAside: Bool, _ publisher: Publisher
  ) throws -> Publisher.Published {
    var facts = order.facts
    facts.isAside = isAside
    // It is published once that has been done.
    facts.isReadBack = verifies
    let base = try copyBase(of: order.recipe, in: publisher.top)
    publisher.base = base
    let build = { (output: FileOutput) throws -> SnapshotBuilder.Built in
      let built = try self.buildAgain(order.recipe, base, facts, output) {
        publisher.meter.reached(.writing, $0, of: order.recipe.bound)
      }
      try order.approve()
      return built
    }
    publisher.keepsRepetition = order.keepsRepetition
    publisher.wanted = order.confirmation
    return isAside ? try publisher.publishAside(time: facts.time, build) : try publisher.publish(build)
  }

  /// An entry can be away for the moment in which an editor replaces it, or a directory is swapped: what is there again
  /// afterwards belongs in the snapshot, so that is built once more.
  private func buildAgain(
    _ recipe: CommitRecipe, _ base: CopyBase?, _ facts: SnapshotFacts, _ output: FileOutput, written: (UInt64) -> Void
  ) throws -> SnapshotBuilder.Built {
    var output = output
    for _ in 0..<2 {
      let built = try build(recipe, base, facts, output, written: written)
      guard !built.missing.isEmpty else { return built }
      usleep(20_000)
      guard built.missing.contains(where: isThere) else { return built }
      try output.truncate(to: 0)
    }
    return try build(recipe, base, facts, output, written: written)
  }

  /// What the archive takes, found by making it for nobody.
  private func measure(_ order: CommitOrder, _ publisher: Publisher) throws -> UInt64 {
    let raw = try retrying("open", "/dev/null") { systemOpen("/dev/null", O_WRONLY | O_CLOEXEC) }
    let nowhere = Descriptor(owning: raw)
    let base = try copyBase(of: order.recipe, in: publisher.top)
    let built = try build(order.recipe, base, order.facts, FileOutput(raw: nowhere.raw, path: "/dev/null"))
    // The record's own member, with its table, fits a gzip extra field.
    let table = UInt64(built.record.spans?.count ?? 0) * 64
    return built.record.compressedSize + min(65_536, 2048 + table)
  }

  /// What cannot be read is the system's, and has another cure than what cannot be written.
  private func build(
    _ recipe: CommitRecipe, _ base: CopyBase?, _ facts: SnapshotFacts, _ output: FileOutput,
    written: (UInt64) -> Void = { _ in }
  ) throws -> SnapshotBuilder.Built {
    do {
      return try SnapshotBuilder.build(recipe, from: base, facts: facts, root: root, output: output, written: written)
    } catch let error as FileError where error.path == MemoryFile.path {
      throw StoreError.noMemory(error)
    } catch let error as FileError where !error.path.hasPrefix(path + "/") {
      throw StoreError(
        "\(error); the current snapshot is untouched", hint: "mend it, or leave it out by a line in lbu.list")
    }
  }

  /// - Throws: `StoreError` where the file is not the one that spans are to be copied from.
  private func copyBase(of recipe: CommitRecipe, in top: borrowing Descriptor) throws -> CopyBase? {
    guard let base = recipe.base else { return nil }
    let path = self.path + "/" + base.name
    let file: Descriptor
    do { file = try openIn(top, Array(base.name.utf8), path) } catch { throw StoreError.baseIsAnother(path) }
    return try CopyBase(base, file, path: path, isReadBack: verifies)
  }

  private func isThere(_ path: BytePath) -> Bool {
    guard let parent = try? root.openWithoutLinks(path.parent) else { return false }
    return (try? parent.status(of: path.name, path: path)) != nil
  }
}
