import LbudCore
import Testing

@Suite("When a commit is made")
struct PolicyTests {
  typealias Situation = Policy.Situation

  /// Idle 30 s, longest delay 600 s, shortest interval 60 s.
  static func policy(_ change: (inout Settings) -> Void = { _ in }) -> Policy {
    var settings = Settings()
    change(&settings)
    return Policy(settings: settings)
  }

  static func changed(first: Int64, last: Int64, now: Int64) -> Situation {
    Situation(now: .at(now), oldest: .at(first), newest: .at(last))
  }

  @Test func nothingChangedNothingDone() {
    #expect(Self.policy().decide(Situation(now: .at(5))) == .wait(until: nil, .nothingChanged))
  }

  @Test(
    "it waits for quiet",
    arguments: [(100, 100), (100, 129), (101, 130)] as [(Int64, Int64)])
  func idle(last: Int64, now: Int64) {
    #expect(
      Self.policy().decide(Self.changed(first: 100, last: last, now: now)) == .wait(until: .at(last + 30), .quiet))
  }

  @Test func quietIsOverAtTheSecondItIsOver() {
    #expect(Self.policy().decide(Self.changed(first: 100, last: 100, now: 130)) == .commit(.idle))
    #expect(Self.policy().decide(Self.changed(first: 100, last: 100, now: 5000)) == .commit(.idle))
  }

  @Test func aLogThatNeverRestsIsSavedAfterTheLongestDelay() {
    let policy = Self.policy()
    #expect(policy.decide(Self.changed(first: 100, last: 680, now: 699)) == .wait(until: .at(700), .longestDelay))
    #expect(policy.decide(Self.changed(first: 100, last: 699, now: 700)) == .commit(.delay))
  }

  @Test func theFlashIsSpared() {
    var policy = Self.policy()
    policy.commitBegan()
    policy.commitSucceeded(at: .at(100))
    let due = Self.changed(first: 101, last: 101, now: 140)
    #expect(policy.decide(due) == .wait(until: .at(160), .shortestInterval))
    #expect(policy.decide(Self.changed(first: 101, last: 101, now: 160)) == .commit(.idle))
    // Quiet that ends later than the interval is what is waited for.
    #expect(policy.decide(Self.changed(first: 101, last: 150, now: 151)) == .wait(until: .at(180), .quiet))
  }

  @Test func theShortestIntervalGoesBeforeTheLongestDelay() {
    var policy = Self.policy { $0.shortestInterval = 1000 }
    policy.commitBegan()
    policy.commitSucceeded(at: .at(100))
    #expect(policy.decide(Self.changed(first: 101, last: 705, now: 710)) == .wait(until: .at(1100), .shortestInterval))
  }

  @Test("a commit that was put off tells the reason it has, not that all was quiet")
  func reasonOfACommitPutOff() {
    var policy = Self.policy { $0.shortestInterval = 1000 }
    policy.commitBegan()
    policy.commitSucceeded(at: .at(100))
    #expect(policy.decide(Self.changed(first: 101, last: 1099, now: 1100)) == .commit(.delay))
    #expect(policy.decide(Self.changed(first: 101, last: 1000, now: 1100)) == .commit(.idle))
  }

  @Test func zeroSecondsMeanAtOnce() {
    var policy = Self.policy {
      $0.idle = 0
      $0.shortestInterval = 0
    }
    policy.commitBegan()
    policy.commitSucceeded(at: .at(100))
    #expect(policy.decide(Self.changed(first: 100, last: 100, now: 100)) == .commit(.idle))
    let delayed = Self.policy { $0.longestDelay = 0 }
    #expect(delayed.decide(Self.changed(first: 100, last: 100, now: 100)) == .commit(.delay))
  }

  // MARK: Failures

  @Test func eachFailureDoublesThePauseUpToHalfAnHour() {
    var policy = Self.policy()
    var now: Int64 = 1000
    let pauses: [Int64] = [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800, 1800, 1800, 1800]
    for (index, pause) in pauses.enumerated() {
      policy.commitBegan()
      policy.commitFailed(at: .at(now))
      let situation = Self.changed(first: 1, last: 1, now: now + pause - 1)
      #expect(policy.decide(situation) == .wait(until: .at(now + pause), .retry(failures: index + 1)))
      now += pause
      #expect(policy.decide(Self.changed(first: 1, last: 1, now: now)) == .commit(.idle))
    }
  }

  @Test func manyFailuresDoNotOverflow() {
    var policy = Self.policy()
    for _ in 0..<200 { policy.commitFailed(at: .at(0)) }
    #expect(
      policy.decide(Self.changed(first: 0, last: 0, now: 100)) == .wait(until: .at(1800), .retry(failures: 200)))
  }

  @Test func aSuccessOrAnEndOfTheCauseForgetsFailures() {
    var policy = Self.policy { $0.shortestInterval = 0 }
    policy.commitFailed(at: .at(1000))
    policy.commitFailed(at: .at(1000))
    var other = policy
    policy.forgetFailures()
    #expect(policy.decide(Self.changed(first: 1, last: 1, now: 1001)) == .commit(.idle))
    other.commitSucceeded(at: .at(1000))
    #expect(other.decide(Self.changed(first: 1, last: 1, now: 1001)) == .commit(.idle))
    other.commitFailed(at: .at(2000))
    #expect(other.decide(Self.changed(first: 1, last: 1, now: 2001)) == .wait(until: .at(2010), .retry(failures: 1)))
  }

  @Test func aChangeAfterAFailureIsWaitedForIfItsQuietEndsLater() {
    var policy = Self.policy()
    policy.commitFailed(at: .at(100))
    #expect(policy.decide(Self.changed(first: 50, last: 105, now: 106)) == .wait(until: .at(135), .quiet))
  }

  @Test func aFailureDoesNotCountAsACommit() {
    var policy = Self.policy()
    policy.commitFailed(at: .at(100))
    #expect(policy.decide(Self.changed(first: 50, last: 50, now: 110)) == .commit(.idle))
  }

  // MARK: What hinders

  @Test func whatHindersInTheOrderInWhichItIsSaid() {
    var policy = Self.policy()
    var situation = Self.changed(first: 1, last: 1, now: 5000)
    situation.obstacle = "the database is torn"
    #expect(policy.decide(situation) == .wait(until: nil, .obstacle("the database is torn")))
    situation.mediaIsMissing = true
    #expect(policy.decide(situation) == .wait(until: nil, .mediaMissing))
    policy.settings.automatic = false
    #expect(policy.decide(situation) == .wait(until: nil, .onRequestOnly))
    situation.oldest = nil
    situation.newest = nil
    #expect(policy.decide(situation) == .wait(until: nil, .nothingChanged))
    policy.commitBegan()
    #expect(policy.decide(situation) == .wait(until: nil, .committing))
  }

  @Test func oneCommitAtATime() {
    var policy = Self.policy()
    let due = Self.changed(first: 1, last: 1, now: 5000)
    policy.commitBegan()
    #expect(policy.decide(due) == .wait(until: nil, .committing))
    policy.commitFailed(at: .at(4000))
    #expect(policy.decide(due) == .commit(.idle))
    policy.commitBegan()
    policy.commitSucceeded(at: .at(4900))
    #expect(policy.decide(due) == .commit(.idle))
  }

  @Test func newSettingsHoldAtOnce() {
    var policy = Self.policy()
    let situation = Self.changed(first: 100, last: 100, now: 110)
    #expect(policy.decide(situation) == .wait(until: .at(130), .quiet))
    policy.settings.idle = 5
    #expect(policy.decide(situation) == .commit(.idle))
  }

  @Test func aMomentBeyondAllTimeIsNotBeforeItsBeginning() {
    let policy = Self.policy {
      $0.idle = Seconds(.max)
      $0.longestDelay = Seconds(.max)
    }
    let end = Instant(nanoseconds: .max)
    #expect(policy.decide(Self.changed(first: 100, last: 100, now: 110)) == .wait(until: end, .quiet))
  }
}
