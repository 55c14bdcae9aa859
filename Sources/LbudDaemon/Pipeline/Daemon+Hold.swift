import Glibc
import LbudCore
import LbudSystem
import Logging

/// Holds: kept in `run/lbud/hold`, so that they outlive the daemon and end with the boot.
extension Daemon {
  private static let holdFile = "hold"

  /// What was kept by a daemon before this one.
  static func keptHold(_ run: RunFolder) -> (hold: Hold?, problem: Problem?) {
    do {
      let bytes = try run.read(holdFile)
      return (bytes.isEmpty ? nil : try Hold.restored(from: bytes, boot: BootIdentity.read()), nil)
    } catch {
      // Saved too much, the snapshot before is still there; saved too little, nothing is.
      let why = (error as? FileError)?.reason ?? "it is not as lbud has written it"
      let problem = Problem(
        .degraded, subject: "/run/lbud/\(holdFile)", "cannot be read, and no hold is in force: \(why)",
        remedy: "if there was one: lbuctl hold; else: rm /run/lbud/\(holdFile)")
      return (nil, problem)
    }
  }

  /// Holds commits that would be made by themselves, in place of another hold.
  /// - Returns: the hold, and the one before.
  /// - Throws: `StoreError` where it cannot be kept: then it is not in force either.
  package func hold(
    for seconds: Seconds?, uid: UInt32, why: String?
  ) async throws(StoreError) -> (now: Hold, before: Hold?) {
    let now = SystemClock.now()
    let hold = newHold(until: seconds.map { now + $0 }, uid: uid, why: why)
    let before = pipeline.hold
    try put(hold)
    logger.notice(
      "nothing is committed by itself\(seconds.map { " for \(Policy.duration(Double($0.count)))" } ?? ""), at shutdown neither: \(hold.words)"
    )
    advance()
    return (hold, before)
  }

  /// Holds what a revert is about to put in place.
  /// - Throws: `StoreError`.
  func holdForRevert(because why: String, _ uid: UInt32) async throws(StoreError) -> Hold {
    var hold = newHold(until: nil, uid: uid, why: why)
    hold.isOfRevert = true
    try put(hold)
    // What was wished for before is what is to be got rid of.
    wish = nil
    forgetGoingBack()
    return hold
  }

  /// Holds what is gone back to, though it cannot be kept for a daemon after this one.
  func holdForGoingBack() {
    var hold = newHold(
      until: nil, uid: geteuid(), why: "the snapshot before boots next, since nobody has confirmed the one after it")
    hold.isOfRevert = true
    do throws(StoreError) { try put(hold) } catch {
      logger.warning("\(error)")
      pipeline.hold = hold
    }
  }

  /// The revert came to nothing.
  func restoreHold(_ before: Hold?) async {
    do {
      if let before { try put(before) } else { _ = try await release() }
    } catch {
      logger.warning("\(error); \(error.hint)")
    }
  }

  private func newHold(until: Instant?, uid: UInt32, why: String?) -> Hold {
    Hold(
      until: until, since: SystemClock.wallNanoseconds() / 1_000_000_000, uid: uid,
      user: AccountNames(root: root).user(uid), why: why)
  }

  private func put(_ hold: Hold) throws(StoreError) {
    do {
      try runFolder.write(hold.kept(boot: BootIdentity.read()), to: Self.holdFile)
    } catch {
      throw StoreError("the hold cannot be kept: \(error)", hint: "without it nothing is held; mend that and try again")
    }
    pipeline.hold = hold
    pipeline.holdProblem = nil
  }

  /// Ends the hold.
  /// - Returns: the one that was; nil where there was none.
  /// - Throws: `StoreError` where it would be there again after a restart.
  package func release() async throws(StoreError) -> Hold? {
    do {
      try runFolder.removeSurely(Self.holdFile)
      // Whoever ends a hold takes what runs as it is.
      try CutOffRestore.forget(runFolder)
    } catch {
      throw StoreError("the hold cannot be ended: \(error)", hint: "mend that and try again: lbuctl release")
    }
    pipeline.holdProblem = nil
    pipeline.cutOffProblem = nil
    guard let hold = pipeline.hold else { return nil }
    pipeline.hold = nil
    logger.notice("released: it was \(hold.words)")
    advance()
    return hold
  }

  /// Ends a hold whose time is over.
  func followHold(at now: Instant) {
    guard let hold = pipeline.takeEndedHold(at: now) else { return }
    runFolder.remove(Self.holdFile)
    logger.notice("the time is over: it was \(hold.words)")
    followCutOffRestore()
  }

  /// Tells of a restore that has left a mixture, and holds that: it is not to be saved by itself. Where one was and is not
  /// any more, neither is the hold.
  func followCutOffRestore() {
    let cutOff: CutOffRestore?
    do {
      cutOff = try CutOffRestore.read(runFolder)
    } catch {
      logger.warning("whether a restore was cut off cannot be told: \(error)")
      return
    }
    guard let cutOff else {
      if pipeline.cutOffProblem != nil, let hold = pipeline.hold, hold.isOfCutOff {
        runFolder.remove(Self.holdFile)
        pipeline.hold = nil
        logger.notice("released: it was \(hold.words)")
      }
      return pipeline.cutOffProblem = nil
    }
    pipeline.cutOffProblem = cutOff.problem
    // One that ends by itself would not do.
    guard pipeline.hold.map({ $0.until != nil }) ?? true else { return }
    var hold = newHold(until: nil, uid: geteuid(), why: cutOff.words)
    hold.isOfCutOff = true
    pipeline.hold = hold
  }
}
