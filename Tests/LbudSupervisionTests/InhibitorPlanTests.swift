import LbudCore
import Testing

@testable import LbudSupervision

/// When the lock that delays a shutdown is taken and given back.
@Suite struct InhibitorPlanTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: 0) + Seconds(1000 + seconds) }

  private func connected() -> InhibitorPlan {
    var plan = InhibitorPlan()
    plan.isUnsaved = true
    plan.connected(owner: ":1.1")
    return plan
  }

  private func locked() -> InhibitorPlan {
    var plan = connected()
    plan.taken()
    return plan
  }

  @Test func doesNothingWhileNothingIsUnsaved() {
    var plan = InhibitorPlan()
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.isUnsaved = true
    #expect(plan.next(at: at(0)) == .connect)
    plan.failed(at: at(0))
    plan.isUnsaved = false
    #expect(plan.next(at: at(5)) == .wait(until: nil))
  }

  @Test func takesTheLockAndGivesItBack() {
    var plan = connected()
    #expect(plan.next(at: at(0)) == .take)
    plan.taken()
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.isUnsaved = false
    #expect(plan.next(at: at(0)) == .release)
    plan.released()
    #expect(plan.next(at: at(0)) == .wait(until: nil))
  }

  @Test func holdsItWhileTheShutdownsCommitIsMade() {
    var plan = locked()
    plan.shutdown(begins: true)
    plan.isSaving = true
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    // Saved, but what came meanwhile is being saved still.
    plan.isUnsaved = false
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.isSaving = false
    #expect(plan.next(at: at(0)) == .release)
  }

  @Test func givesItBackThoughTheCommitHasFailed() {
    var plan = locked()
    plan.shutdown(begins: true)
    plan.isSaving = true
    plan.isSaving = false
    #expect(plan.next(at: at(0)) == .release)
    plan.released()
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.shutdown(begins: false)
    #expect(plan.next(at: at(0)) == .take)
  }

  @Test func waitsForTheBusToNameALoginManager() {
    var plan = InhibitorPlan()
    plan.isUnsaved = true
    plan.connected(owner: nil)
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.ownerChanged(to: ":1.7")
    #expect(plan.next(at: at(0)) == .take)
  }

  @Test func takesAnotherLockOfALoginManagerThatHasBeenStartedAgain() {
    var plan = locked()
    plan.ownerChanged(to: nil)
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    // The old one is kept until there is a new one.
    #expect(plan.hasLock)
    plan.ownerChanged(to: ":1.9")
    #expect(plan.next(at: at(0)) == .take)
  }

  @Test func aShutdownIsForgottenWithTheLoginManagerThatBeganIt() {
    var plan = connected()
    plan.shutdown(begins: true)
    #expect(plan.next(at: at(0)) == .wait(until: nil))
    plan.ownerChanged(to: ":1.9")
    #expect(plan.next(at: at(0)) == .take)
  }

  @Test func triesAgainLessAndLessOften() {
    var plan = InhibitorPlan()
    plan.isUnsaved = true
    var now: Int64 = 0
    for pause in [1, 2, 4, 8, 16, 32, 60, 60, 60] as [Int64] {
      #expect(plan.next(at: at(now)) == .connect)
      plan.failed(at: at(now))
      #expect(plan.next(at: at(now)) == .wait(until: at(now + pause)))
      now += pause
    }
    plan.forgetFailures()
    #expect(plan.next(at: at(now)) == .connect)
  }

  @Test func aBusThatIsLostIsLookedForWhileSomethingIsUnsaved() {
    var plan = locked()
    plan.disconnected()
    plan.failed(at: at(0))
    #expect(plan.hasLock)
    #expect(plan.next(at: at(0)) == .wait(until: at(1)))
    #expect(plan.next(at: at(1)) == .connect)
    plan.isUnsaved = false
    #expect(plan.next(at: at(0)) == .release)
  }
}
