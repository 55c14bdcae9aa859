import Glibc
import LbudArchive
import LbudCore
import Synchronization
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// The loop's body, driven with a fake clock, tree and media: no test sleeps.
@Suite struct PipelineTests {
  private let tree = FakeOverlay()
  private let media = FakeMedia()
  private let pipeline: Pipeline<FakeOverlay, FakeRules>
  private let apk = FakeApk()
  private var now = Instant(nanoseconds: 0)

  init() throws {
    var settings = Settings()
    settings.shortestInterval = 5
    pipeline = Pipeline(
      tree: tree, rules: FakeRules(), loaded: FakeRules().load(), media: media, settings: settings,
      transaction: { [apk] in apk.holder })
    try pipeline.start(at: Instant(nanoseconds: 0))
    try look()
  }

  /// What the daemon does when the pipeline wants a look at the media.
  private func look() throws {
    guard pipeline.wantsLook else { return }
    try pipeline.take(Result { () throws(StoreError) in try media.look(known: nil) { _ in } }, of: media, at: now)
  }

  private mutating func step(after seconds: Int64) throws -> Policy.Decision {
    now = now + Seconds(seconds)
    _ = try pipeline.step(at: now)
    try look()
    return try pipeline.step(at: now)
  }

  /// Makes the commit that the pipeline asks for; `meanwhile` runs while it is being made.
  private func commit(meanwhile: () -> Void = {}) throws {
    let plan = try #require(try pipeline.planCommit(at: now))
    pipeline.commitBegan()
    let contents = tree.files.mapValues(fakeFingerprint)
    meanwhile()
    try pipeline.commitSucceeded(plan, media.save(contents), at: now)
  }

  @Test mutating func nothingIsWrittenWhenNothingDiffers() throws {
    #expect(try step(after: 1000) == .wait(until: nil, .nothingChanged))
    #expect(try pipeline.planCommit(at: now) == nil)
  }

  @Test mutating func aChangeIsCommittedWhenItIsQuiet() throws {
    tree.write("etc/a", "1")
    #expect(try step(after: 1) == .wait(until: Instant(nanoseconds: 31_000_000_000), .quiet))
    tree.write("etc/a", "2")
    #expect(try step(after: 20) == .wait(until: Instant(nanoseconds: 51_000_000_000), .quiet))
    #expect(try step(after: 30) == .commit(.idle))
    try commit()
    #expect(pipeline.journal.isClean)
    #expect(try step(after: 1) == .wait(until: nil, .nothingChanged))
  }

  @Test mutating func anEditDuringACommitStaysDirty() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    try commit {
      tree.write("etc/a", "2")
      tree.write("etc/b", "new")
      #expect(throws: Never.self) { try pipeline.step(at: now) }
    }
    #expect(Set(pipeline.journal.changes.keys) == [BytePath("etc/a"), BytePath("etc/b")])
  }

  @Test mutating func anEditDuringACommitThatTheSnapshotHasIsClean() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    let plan = try #require(try pipeline.planCommit(at: now))
    pipeline.commitBegan()
    tree.write("etc/a", "2")
    _ = try step(after: 1)
    try pipeline.commitSucceeded(plan, media.save(tree.files.mapValues(fakeFingerprint)), at: now)
    #expect(pipeline.journal.isClean)
  }

  @Test mutating func whatNoEventTellsIsFoundWhenACommitStarts() throws {
    tree.write("etc/a", "1")
    tree.write("etc/hidden", "by mmap")
    tree.unseen = [BytePath("etc/hidden")]
    _ = try step(after: 1)
    #expect(pipeline.journal.changes[BytePath("etc/hidden")] == nil)
    let plan = try #require(try pipeline.planCommit(at: now))
    #expect(plan.changes[BytePath("etc/hidden")] != nil)
  }

  @Test mutating func everythingIsLookedAtOnceInARescan() throws {
    let before = tree.rescans
    let decision = try step(after: 3599)
    #expect(tree.rescans == before)
    #expect(pipeline.deadline(after: decision, at: now) == Instant(nanoseconds: 3_600_000_000_000))
    _ = try step(after: 1)
    #expect(tree.rescans == before + 1)
  }

  @Test mutating func directoriesWithoutAWatchAreLookedAtFromTimeToTime() throws {
    tree.needsPolling = true
    let decision = try step(after: 1)
    #expect(pipeline.deadline(after: decision, at: now) == Instant(nanoseconds: 31_000_000_000))
  }

  @Test mutating func aFailedCommitIsTriedAgainWithGrowingPauses() throws {
    tree.write("etc/a", "1")
    #expect(try step(after: 1) != .commit(.idle))
    #expect(try step(after: 30) == .commit(.idle))
    var pauses: [Double] = []
    for _ in 0..<3 {
      pipeline.commitBegan()
      pipeline.commitFailed(StoreError("full", hint: ""), at: now)
      guard case .wait(let until?, .retry) = pipeline.decide(at: now) else {
        Issue.record("no retry")
        return
      }
      pauses.append(until.seconds(since: now))
      now = until
    }
    #expect(pauses == [10, 20, 40])
    #expect(pipeline.lastFailure?.error.description == "full")
    try commit()
    #expect(pipeline.lastFailure == nil)
  }

  @Test mutating func mediaThatComesBackGetsThePendingCommit() throws {
    media.state.withLock { $0.error = StoreError("gone", hint: "", isAbsence: true) }
    tree.write("etc/a", "1")
    #expect(try step(after: 100) == .wait(until: nil, .mediaMissing))
    #expect(throws: StoreError("gone", hint: "", isAbsence: true)) { try pipeline.planCommit(at: now) }
    media.state.withLock { $0.error = nil }
    #expect(try step(after: 100) == .commit(.idle))
  }

  @Test mutating func aBlockingProblemKeepsTheGoodSnapshot() throws {
    tree.write("etc/a", "1")
    tree.problems = [Problem(.blocking, subject: "/etc/x", "cannot be read: input/output error", remedy: "mend it")]
    #expect(try step(after: 100) == .wait(until: nil, .obstacle("/etc/x: cannot be read: input/output error")))
    #expect(
      throws: StoreError("nothing is saved, since /etc/x: cannot be read: input/output error", hint: "mend it")
    ) { try pipeline.planCommit(at: now) }
  }

  @Test mutating func aSnapshotPutThereBySomebodyElseIsWhatIsSaved() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    #expect(!pipeline.journal.isClean)
    _ = media.save([BytePath("etc/a"): fakeFingerprint("1")])
    _ = try step(after: 1)
    #expect(pipeline.journal.isClean)
  }

  @Test mutating func backupsInsideWhatIsSavedAreRefused() throws {
    tree.write("media/fake/x", "1")
    _ = try step(after: 1)
    let error = #expect(throws: StoreError.self) { try pipeline.planCommit(at: now) }
    #expect(
      error?.description
        == "/media/fake is part of what is saved (media/fake/x): each snapshot would hold the one before")
  }

  @Test mutating func aSnapshotThatMayNotSurviveAPowerCutIsMadeAgain() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 31)
    let plan = try #require(try pipeline.planCommit(at: now))
    pipeline.commitBegan()
    // The new file took its place, and the last fsync failed.
    _ = media.save(tree.files.mapValues(fakeFingerprint))
    pipeline.commitFailed(StoreError.unsettled("/media/fake/box", FileError("fsync", "x", code: EIO)), at: now)
    #expect(try step(after: 1) == .wait(until: now + 9, .retry(failures: 1)))
    #expect(pipeline.journal.isClean)
    #expect(pipeline.lastFailure != nil)
    #expect(try step(after: 9) == .commit(.idle))
    try commit()
    #expect(try step(after: 1) == .wait(until: nil, .nothingChanged))
    #expect(plan.changes.count == 1)
  }

  @Test mutating func mediaThatCannotBeReadNowIsNotTakenForEmpty() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    try commit()
    media.state.withLock { $0.readError = StoreError("input/output error", hint: "") }
    _ = media.save([BytePath("etc/a"): fakeFingerprint("1")])
    #expect(try step(after: 1) == .wait(until: nil, .nothingChanged))
    #expect(pipeline.mediaProblem?.description == "input/output error")
    #expect(pipeline.journal.isClean)
    media.state.withLock { $0.readError = nil }
    _ = try step(after: 30)
    #expect(pipeline.mediaProblem == nil)
    #expect(pipeline.journal.isClean)
  }

  @Test mutating func mediaThatIsAwayIsLookedForFromTimeToTime() throws {
    media.state.withLock { $0.error = StoreError("gone", hint: "", isAbsence: true) }
    let decision = try step(after: 5)
    #expect(pipeline.deadline(after: decision, at: now) == now + 30)
  }

  @Test mutating func nothingElseIsReadFromUncleanMedia() throws {
    #expect(pipeline.mediaMayBeRead)
    media.state.withLock { $0.isUnclean = true }
    _ = media.save([:])
    _ = try pipeline.step(at: now)
    #expect(!pipeline.mediaMayBeRead)
    _ = try step(after: 1)
    #expect(!pipeline.mediaMayBeRead)
    media.state.withLock { $0.isUnclean = false }
    media.state.withLock { $0.error = StoreError("cannot be read", hint: "") }
    _ = try step(after: 1)
    #expect(!pipeline.mediaMayBeRead)
    // Packages may lie elsewhere.
    media.state.withLock { $0.error = StoreError("gone", hint: "", isAbsence: true) }
    _ = try step(after: 1)
    #expect(pipeline.mediaMayBeRead)
  }

  // MARK: Transactions, holds and wishes

  @Test mutating func aTransactionIsWaitedForAndLookedAtOnceASecond() throws {
    tree.write("etc/a", "1")
    apk.holder = LockTable.Holder(pid: 7)
    let decision = try step(after: 100)
    #expect(decision == .wait(until: now + 1, .transaction(LockTable.Holder(pid: 7))))
    #expect(pipeline.deadline(after: decision, at: now) == now + 1)
    apk.holder = nil
    #expect(try step(after: 30) == .commit(.idle))
  }

  @Test mutating func aTransactionThatCameBetweenIsNoFailure() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    _ = try step(after: 30)
    pipeline.commitBegan()
    pipeline.commitFailed(.transaction(LockTable.Holder(pid: 7)), at: now)
    #expect(pipeline.lastFailure == nil)
    #expect(try step(after: 0) == .wait(until: now + 2, .retry(failures: 0)))
  }

  @Test mutating func aWishIsForTheNextCommitThoughItIsNotQuiet() throws {
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    try pipeline.ask(for: .apk, at: now)
    #expect(pipeline.decide(at: now) == .commit(.apk))
    try commit()
    pipeline.asked = nil
    tree.write("etc/a", "2")
    #expect(try step(after: 6) != .commit(.apk))
  }

  @Test mutating func aWishFindsWhatNoEventTells() throws {
    tree.write("etc/hidden", "by mmap")
    tree.unseen = [BytePath("etc/hidden")]
    #expect(try step(after: 1) == .wait(until: nil, .nothingChanged))
    try pipeline.ask(for: .signal, at: now)
    #expect(pipeline.decide(at: now) == .commit(.signal))
  }

  @Test mutating func aHoldEndsAtItsTimeThoughNothingHappens() throws {
    let hold = Hold(until: now + 50, since: 0, uid: 0)
    pipeline.hold = hold
    let decision = try step(after: 1)
    #expect(pipeline.deadline(after: decision, at: now) == hold.until)
    tree.write("etc/a", "1")
    #expect(try step(after: 40) == .wait(until: hold.until, .held(hold)))
    #expect(!pipeline.savesAtShutdown)
    #expect(pipeline.takeEndedHold(at: now) == nil)
    now = now + 9
    #expect(pipeline.takeEndedHold(at: now) == hold)
    #expect(pipeline.hold == nil)
    #expect(pipeline.savesAtShutdown)
    #expect(try step(after: 30) == .commit(.idle))
  }
}
