import LbudCore
import Testing

@Suite("A sentence that counts down")
struct CountdownTests {
  private static let decisions: [Policy.Decision] = [
    .wait(until: .at(130), .quiet), .wait(until: .at(700), .longestDelay), .wait(until: .at(8000), .shortestInterval),
    .wait(until: .at(9999), .retry(failures: 2)),
    .wait(until: .at(700), .held(Hold(until: .at(700), since: 0, uid: 7, user: "ann", why: "for 5 s"))),
  ]

  /// Whoever words the sentences otherwise makes this fail.
  @Test("says what the daemon would say", arguments: decisions)
  func asThePolicySays(decision: Policy.Decision) throws {
    guard case .wait(let until?, _) = decision else { return }
    var settings = Settings()
    settings.onShutdown = false
    func sentence(_ now: Instant) -> String { Policy.sentence(decision, settings: settings, now: now) }
    let countdown = try #require(Countdown(sentence(.at(100)), due: until))
    var now: Instant? = .at(100)
    var ticks = 0
    while let time = now {
      #expect(countdown.sentence(at: time) == sentence(time))
      now = countdown.nextChange(after: time)
      if let now {
        #expect(now > time)
        #expect(countdown.sentence(at: now) != countdown.sentence(at: time), "a tick for nothing")
      }
      ticks += 1
    }
    #expect(countdown.sentence(at: until).contains(" 0 s"))
    #expect(Double(ticks) <= min(until.seconds(since: .at(100)), 7320) + 1)
  }

  @Test(arguments: [
    "nothing to do: all that was changed is saved", "commit when apk (pid 12) has ended its transaction",
    "no commit before: lbuctl release, at shutdown neither: held by uid 0: commit in 5 s", "commit in ", "commit in 5",
    "commit in 5 seconds", "commit in five s", "",
  ])
  func nothingToCount(sentence: String) {
    #expect(Countdown(sentence, due: .at(1)) == nil)
  }
}
