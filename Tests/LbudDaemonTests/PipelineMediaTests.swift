import Glibc
import LbudArchive
import LbudCore
import Synchronization
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// What other overlays on the media, and media that are not mounted, mean for what is decided.
@Suite struct PipelineMediaTests {
  private let tree = FakeOverlay()
  private let media = FakeMedia(saved: [:])
  private let pipeline: Pipeline<FakeOverlay, FakeRules>
  private var now = Instant(nanoseconds: 0)

  init() throws {
    pipeline = Pipeline(tree: tree, rules: FakeRules(), loaded: FakeRules().load(), media: media, settings: Settings())
    try pipeline.start(at: now)
    try look()
  }

  private func look() throws {
    guard pipeline.wantsLook else { return }
    pipeline.lookBegan()
    try pipeline.take(Result { () throws(StoreError) in try media.look(known: nil) { _ in } }, of: media, at: now)
  }

  private mutating func step(after seconds: Int64) throws -> Policy.Decision {
    now = now + Seconds(seconds)
    _ = try pipeline.step(at: now)
    try look()
    return try pipeline.step(at: now)
  }

  private func commit(_ plan: CommitPlan, as name: String? = nil) throws {
    pipeline.commitBegan()
    try pipeline.commitSucceeded(plan, media.save(tree.files.mapValues(fakeFingerprint), as: name), at: now)
  }

  @Test mutating func aForeignOverlayStopsARequestAndNothingElse() throws {
    media.state.withLock { $0.foreign = ["other.apkovl.tar.gz"] }
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    #expect(try step(after: 30) == .commit(.idle))
    let error = #expect(throws: StoreError.self) { try pipeline.planCommit(foreign: .refuse, at: now) }
    #expect(error?.hint.contains("lbuctl commit -d") == true)
    let plan = try #require(try pipeline.planCommit(foreign: .saveAside, at: now))
    try commit(plan, as: "LBUD/box.20260101000000.tar.gz")
    // Saved once, and not again and again.
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
    #expect(try pipeline.planCommit(foreign: .saveAside, at: now) == nil)
    #expect(pipeline.problems.first?.text.contains("saved beside it as LBUD/box.20260101000000.tar.gz") == true)
    // Somebody chooses.
    #expect(try pipeline.planCommit(foreign: .remove, at: now) != nil)
  }

  @Test mutating func whatIsToBeConfirmedAndCannotBeReadStopsNoCommitAndIsLookedForAgain() throws {
    media.state.withLock { $0.hidesConfirmation = true }
    pipeline.forgetMedia()
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    #expect(pipeline.confirmation == nil)
    #expect(try step(after: 30) == .commit(.idle))
    #expect(try pipeline.planCommit(foreign: .refuse, at: now) != nil)
    let looks = media.state.withLock { $0.looks }
    let decision = try step(after: 1)
    #expect(media.state.withLock { $0.looks } == looks)
    #expect(pipeline.deadline(after: decision, at: now).map { $0 <= now + 30 } == true)
    media.state.withLock { $0.hidesConfirmation = false }
    // The second time after a minute.
    _ = try step(after: 59)
    #expect(pipeline.confirmation == .some(nil))
    #expect(media.state.withLock { $0.looks } == looks + 1)
    _ = try step(after: 100)
    #expect(media.state.withLock { $0.looks } == looks + 1)
  }

  @Test mutating func whatStaysUnreadableIsLookedAtWithGrowingPauses() throws {
    media.state.withLock { $0.hidesConfirmation = true }
    pipeline.forgetMedia()
    _ = try step(after: 1)
    var pauses: [Int64] = []
    for _ in 0..<8 {
      let looks = media.state.withLock { $0.looks }
      var seconds: Int64 = 0
      while media.state.withLock({ $0.looks }) == looks, seconds < 10_000 {
        _ = try step(after: 10)
        seconds += 10
      }
      pauses.append(seconds)
    }
    #expect(pauses == [30, 60, 120, 240, 480, 960, 960, 960])
    // One that was pulled, and that shows nothing when it comes back, as it is mounted by its label alone.
    media.state.withLock { $0.isAsleep = true }
    _ = try step(after: 1)
    let before = media.state.withLock { $0.looks }
    pipeline.commitFailed(.noDevice("/media/fake", "LABEL=FAKE"), at: now)
    _ = try step(after: 31)
    #expect(media.state.withLock { $0.looks } == before + 1)
    media.state.withLock { $0.isAsleep = false }
    // Once it was readable the next time begins anew.
    media.state.withLock { $0.hidesConfirmation = false }
    _ = try step(after: 960)
    media.state.withLock { $0.hidesConfirmation = true }
    pipeline.forgetMedia()
    _ = try step(after: 1)
    let looks = media.state.withLock { $0.looks }
    _ = try step(after: 30)
    #expect(media.state.withLock { $0.looks } == looks + 1)
  }

  @Test mutating func theFolderThatCannotBeListedIsReasonForOneCommitThoughNothingDiffers() throws {
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
    media.state.withLock { $0.isFolderTorn = true }
    pipeline.forgetMedia()
    #expect(try step(after: 1) == .commit(.idle))
    #expect(pipeline.isUnsaved)
    try commit(try #require(try pipeline.planCommit(at: now)))
    // It has mended nothing: as it goes on, the media is not worn by that.
    pipeline.forgetMedia()
    for _ in 0..<3 { #expect(try step(after: 100) == .wait(until: nil, .nothingChanged)) }
    #expect(try pipeline.planCommit(at: now) == nil)
    #expect(try pipeline.planCommit(for: .request, at: now) != nil, "whoever asks may have mended something")
    media.state.withLock { $0.isFolderTorn = false }
    #expect(try step(after: 1000) == .wait(until: nil, .nothingChanged))
    #expect(try pipeline.planCommit(for: .request, at: now) == nil)
    // A commit of something else meanwhile, and torn anew.
    tree.write("etc/a", "2")
    try commit(try #require(try pipeline.planCommit(for: .request, at: now)))
    media.state.withLock { $0.isFolderTorn = true }
    pipeline.forgetMedia()
    #expect(try step(after: 1000) == .commit(.idle))
  }

  @Test mutating func aFileThatCannotBeReadIsNoReasonToCommitWhatHasNotChanged() throws {
    media.state.withLock { $0.hidesConfirmation = true }
    pipeline.forgetMedia()
    for _ in 0..<3 { #expect(try step(after: 100) == .wait(until: nil, .nothingChanged)) }
    #expect(!pipeline.isUnsaved)
    #expect(try pipeline.planCommit(for: .request, at: now) == nil)
    #expect(try pipeline.planCommit(for: .shutdown, at: now) == nil)
  }

  @Test mutating func whatWasSavedAsideIsPublishedOnceTheOtherIsGone() throws {
    media.state.withLock { $0.foreign = ["other.apkovl.tar.gz"] }
    tree.write("etc/a", "1")
    _ = try step(after: 31)
    try commit(try #require(try pipeline.planCommit(at: now)), as: "LBUD/box.20260101000000.tar.gz")
    media.state.withLock {
      $0.foreign = []
      $0.savedName = "LBUD/box.20260101000000.tar.gz"
    }
    #expect(try step(after: 100) == .commit(.idle))
  }

  @Test mutating func anOwnOverlayUnderAnotherNameIsRetiredThoughNothingElseDiffers() throws {
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
    media.state.withLock { $0.own = ["former.apkovl.tar.gz"] }
    #expect(try step(after: 1) == .commit(.idle))
    let plan = try #require(try pipeline.planCommit(at: now))
    #expect(plan.changes.isEmpty)
    media.state.withLock { $0.own = [] }
    try commit(plan)
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
  }

  @Test mutating func aCurrentOneThatReadingHasFoundDamagedIsToldOfAndMadeAnewThoughNothingDiffers() throws {
    media.state.withLock { $0.saved = [:] }
    let file = try #require(try media.glance().current)
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
    pipeline.currentIsDamaged("etc/motd: damaged", file: file)
    #expect(pipeline.known == nil, "it is read again, whatever is known of it")
    #expect(try step(after: 1) == .commit(.idle))
    let text = "/media/fake/box.apkovl.tar.gz: it is damaged on the medium: etc/motd: damaged"
    #expect(pipeline.problems.map(\.line) == [text])
    #expect(pipeline.isUnsaved)
    let plan = try #require(try pipeline.planCommit(at: now))
    #expect(plan.changes.isEmpty)
    try commit(plan)
    #expect(pipeline.problems.isEmpty)
    #expect(try step(after: 100) == .wait(until: nil, .nothingChanged))
  }

  @Test mutating func damageIsForgottenWhenSomebodyElseHasPutAnotherOneThere() throws {
    let file = try #require(try media.glance().current)
    let other = FileStatus.Signature(
      identity: file.identity, size: file.size + 1, modified: file.modified, changed: file.changed)
    pipeline.currentIsDamaged("etc/motd: damaged", file: other)
    #expect(try step(after: 1) == .wait(until: nil, .nothingChanged))
    #expect(pipeline.problems.isEmpty)
  }

  @Test mutating func mediaThatIsUnmountedIsNotMountedAgainForNothing() throws {
    let looks = media.state.withLock { state in
      state.isAsleep = true
      return state.looks
    }
    for _ in 0..<3 { _ = try step(after: 100) }
    #expect(media.state.withLock { $0.looks } == looks)
    // But before somebody is told that there is nothing to save.
    pipeline.distrustMedia()
    _ = try step(after: 1)
    #expect(media.state.withLock { $0.looks } == looks + 1)
  }

  @Test mutating func whatIsSeenWhileTheMediaIsLookedAtIsNotBelieved() throws {
    media.state.withLock { $0.isAsleep = true }
    _ = try step(after: 1)
    pipeline.distrustMedia()
    _ = try pipeline.step(at: now)
    #expect(pipeline.wantsLook)
    pipeline.lookBegan()
    // Mounted for the look alone.
    media.state.withLock { $0.isAsleep = false }
    _ = try pipeline.step(at: now)
    media.state.withLock { $0.isAsleep = true }
    try pipeline.take(.success(try media.look(known: nil) { _ in }), of: media, at: now)
    _ = try pipeline.step(at: now)
    #expect(!pipeline.wantsLook)
  }

  @Test mutating func anErrorThatSomebodyMendedIsNotRepeatedToWhoAsks() throws {
    media.state.withLock { $0.readError = StoreError("two devices", hint: "", isAbsence: true) }
    media.state.withLock { $0.revision = 7 }
    _ = try step(after: 1)
    #expect(pipeline.mediaProblem?.description == "two devices")
    media.state.withLock { $0.readError = nil }
    pipeline.distrustMedia()
    _ = try step(after: 1)
    #expect(pipeline.mediaProblem == nil)
  }

  @Test(arguments: [CommitReason.idle, .delay, .shutdown, .apk, .signal])
  mutating func whatYieldsToARequestYieldsToNothingElse(reason: CommitReason) throws {
    var problem = Problem(.blocking, subject: "/media/fake", "it is encrypted", remedy: "ask for it")
    problem.yieldsToRequest = true
    media.state.withLock {
      $0.problems = [problem]
      $0.own = ["box.apkovl.tar.gz.aes-256-cbc"]
    }
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    #expect(try step(after: 100) == .wait(until: nil, .obstacle("/media/fake: it is encrypted")))
    pipeline.asked = reason
    #expect(try step(after: 1) == .wait(until: nil, .obstacle("/media/fake: it is encrypted")))
    let error = #expect(throws: StoreError.self) { try pipeline.planCommit(for: reason, at: now) }
    #expect(error?.description == "nothing is saved, since /media/fake: it is encrypted" && error?.hint == "ask for it")
    pipeline.asked = .request
    #expect(try step(after: 1) == .commit(.request))
    #expect(try pipeline.planCommit(for: .request, at: now) != nil)
  }

  @Test mutating func whatBlocksElseBlocksARequestToo() throws {
    media.state.withLock {
      $0.problems = [Problem(.blocking, subject: "/media/fake", "torn", remedy: "mend it")]
      $0.revision = 9
      $0.own = ["box.apkovl.tar.gz.new"]
    }
    tree.write("etc/a", "1")
    _ = try step(after: 1)
    #expect(throws: StoreError.self) { try pipeline.planCommit(for: .request, at: now) }
  }
}
