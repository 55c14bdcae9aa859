import LbudCore
import LbudTestSupport
import Testing

/// A day of a box, moment by moment on a clock of numbers: changes come as they like, commits take their time and fail.
private struct Day {
  var numbers: SeededNumbers
  var policy: Policy
  var settings: Settings
  var now: Int64 = 0
  var first: Int64?
  var last: Int64 = 0
  var lastCommit: Int64?
  var failedAt: [Int64] = []

  init(seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
    settings = Settings()
    settings.idle = Seconds(Int64.random(in: 0...60, using: &numbers))
    settings.longestDelay = Seconds(Int64.random(in: 0...900, using: &numbers))
    settings.shortestInterval = Seconds(Int64.random(in: 0...1200, using: &numbers))
    policy = Policy(settings: settings)
  }

  /// Often right behind one another, now and then after a long silence.
  mutating func pause() -> Int64 {
    Bool.random(using: &numbers)
      ? Int64.random(in: 0...10, using: &numbers) : Int64.random(in: 0...2000, using: &numbers)
  }

  mutating func change() {
    first = first ?? now
    last = now
  }

  var situation: Policy.Situation {
    Policy.Situation(now: .at(now), oldest: first.map { .at($0) }, newest: first == nil ? nil : .at(last))
  }

  /// The time at which a commit may come and must come, told by the rules and not by the policy's code.
  var due: Int64? {
    guard let first else { return nil }
    let wanted = min(last + settings.idle.count, first + settings.longestDelay.count)
    let interval = lastCommit.map { $0 + settings.shortestInterval.count } ?? 0
    let pauses: [Int64] = [10, 20, 40, 80, 160, 320, 640, 1280, 1800]
    let retry = failedAt.last.map { $0 + pauses[min(failedAt.count, pauses.count) - 1] } ?? 0
    return max(wanted, interval, retry)
  }

  mutating func commit() {
    policy.commitBegan()
    now += Int64.random(in: 0...20, using: &numbers)
    if Int.random(in: 0..<4, using: &numbers) == 0 {
      policy.commitFailed(at: .at(now))
      failedAt.append(now)
    } else {
      policy.commitSucceeded(at: .at(now))
      lastCommit = now
      failedAt = []
      first = nil
    }
  }
}

@Suite("When a commit is made, whatever happens")
struct PolicyPropertyTests {
  @Test("never before it may come, never after it must", arguments: 1...60 as ClosedRange<UInt64>)
  func neitherEarlyNorLate(seed: UInt64) throws {
    var day = Day(seed: seed)
    var nextChange = day.pause()
    var commits = 0
    for step in 0..<500 {
      switch day.policy.decide(day.situation) {
      case .commit(let reason):
        let due = try #require(day.due, "seed \(seed), step \(step): nothing waits")
        try #require(day.now >= due, "seed \(seed), step \(step): too early")
        let isQuiet = day.now >= day.last + day.settings.idle.count
        try #require(reason == (isQuiet ? .idle : .delay), "seed \(seed), step \(step)")
        commits += 1
        day.commit()
        nextChange = max(nextChange, day.now)
      case .wait(let until, let waiting):
        try #require(until == day.due.map { .at($0) }, "seed \(seed), step \(step): \(waiting)")
        try #require((waiting == .nothingChanged) == (day.first == nil))
        // The shell sleeps until then, or until something changes.
        if let due = day.due, due < nextChange {
          day.now = due
        } else {
          day.now = nextChange
          day.change()
          nextChange += day.pause()
        }
      }
    }
    #expect(commits > 20)
  }
}
