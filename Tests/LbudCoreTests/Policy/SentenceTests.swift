import LbudCore
import Testing

@Suite("What will happen next, for a person")
struct SentenceTests {
  static func sentence(_ decision: Policy.Decision) -> String {
    Policy.sentence(decision, settings: Settings(), now: .at(100))
  }

  @Test(
    arguments: [
      (.commit(.idle), "a commit begins now"), (.commit(.delay), "a commit begins now"),
      (.wait(until: nil, .nothingChanged), "nothing to do: all that was changed is saved"),
      (.wait(until: nil, .committing), "a commit is being made"),
      (.wait(until: nil, .onRequestOnly), "no commit before somebody asks for one (LBUD_AUTO=no): lbuctl commit"),
      (.wait(until: nil, .mediaMissing), "commit as soon as the media is there"),
      (.wait(until: nil, .obstacle("held by ann")), "no commit: held by ann"),
      (.wait(until: .at(130), .quiet), "commit in 30 s, if nothing more changes (LBUD_IDLE=30)"),
      (
        .wait(until: .at(700), .longestDelay),
        "commit in 10 min, however much changes until then (LBUD_MAX_DELAY=600)"
      ),
      (
        .wait(until: .at(145), .shortestInterval),
        "commit in 45 s, no sooner after the one before (LBUD_MIN_INTERVAL=60)"
      ),
      (.wait(until: .at(110), .retry(failures: 1)), "commit in 10 s, again after a failure"),
      (.wait(until: .at(1900), .retry(failures: 9)), "commit in 30 min, again after 9 failures"),
      // The time passed while the sentence was asked for.
      (.wait(until: .at(99), .quiet), "commit in 0 s, if nothing more changes (LBUD_IDLE=30)"),
    ] as [(Policy.Decision, String)])
  func sentences(decision: Policy.Decision, expected: String) {
    #expect(Self.sentence(decision) == expected)
  }

  @Test func theSettingsNamedAreThoseThatHold() {
    var settings = Settings()
    settings.idle = 7
    let decision = Policy.Decision.wait(until: .at(107), .quiet)
    #expect(
      Policy.sentence(decision, settings: settings, now: .at(100))
        == "commit in 7 s, if nothing more changes (LBUD_IDLE=7)")
  }

  @Test(
    arguments: [
      (0, "0 s"), (-5, "0 s"), (0.2, "1 s"), (1, "1 s"), (59.1, "60 s"), (119, "119 s"), (119.5, "2 min"),
      (120, "2 min"), (121, "2 min 1 s"), (600, "10 min"), (7199, "119 min 59 s"), (7200, "2 h"), (7260, "2 h 1 min"),
      (86_400, "24 h"),
    ])
  func durations(seconds: Double, expected: String) {
    #expect(Policy.duration(seconds) == expected)
  }

  @Test func anEndlessWaitIsNoCrash() {
    let decision = Policy.Decision.wait(until: Instant(nanoseconds: .max), .quiet)
    #expect(Self.sentence(decision) == "commit in 2562047 h 45 min, if nothing more changes (LBUD_IDLE=30)")
  }
}
