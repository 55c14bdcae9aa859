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
      (
        .wait(until: nil, .onRequestOnly),
        "no commit before the shutdown, or before somebody asks for one (LBUD_AUTO=no): lbuctl commit"
      ),
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
      (
        .wait(until: .at(110), .retry(failures: 0)),
        "commit in 10 s, again after a transaction of apk that came between"
      ),
      (
        .wait(until: .at(101), .transaction(.init(pid: 12))), "commit when apk (pid 12) has ended its transaction"
      ),
      (.wait(until: .at(101), .transaction(.init(pid: nil))), "commit when apk has ended its transaction"),
      (
        .wait(until: nil, .held(Hold(since: 0, uid: 0, user: "root", why: "a\nb"))),
        "no commit before: lbuctl release, at shutdown neither: held by root: a\\nb"
      ),
      (
        .wait(until: .at(700), .held(Hold(until: .at(700), since: 0, uid: 7))),
        "no commit for 10 min, at shutdown neither: held by uid 7"
      ),
      // The time passed while the sentence was asked for.
      (.wait(until: .at(99), .quiet), "commit in 0 s, if nothing more changes (LBUD_IDLE=30)"),
    ] as [(Policy.Decision, String)])
  func sentences(decision: Policy.Decision, expected: String) {
    #expect(Self.sentence(decision) == expected)
  }

  @Test(
    arguments: [
      (0, .wait(until: nil, .nothingChanged), "all that was changed is saved"),
      (1, .wait(until: .at(130), .quiet), "1 change unsaved: commit when nothing changes for 30 s"),
      (2, .wait(until: .at(130), .longestDelay), "2 changes unsaved: commit 600 s after the first of them"),
      (2, .wait(until: .at(130), .shortestInterval), "2 changes unsaved: commit 60 s after the one before"),
      (2, .wait(until: .at(130), .retry(failures: 2)), "2 changes unsaved: commit again soon, after 2 failures"),
      (2, .wait(until: nil, .mediaMissing), "2 changes unsaved: the media is missing"),
      (2, .wait(until: nil, .obstacle("/a: b")), "2 changes unsaved, and no commit: /a: b"),
      (
        2, .wait(until: nil, .onRequestOnly), "2 changes unsaved: no commit before somebody asks for one (LBUD_AUTO=no)"
      ),
      (
        2, .wait(until: nil, .held(Hold(since: 0, uid: 0, user: "root", why: "a test"))),
        "2 changes unsaved, and no commit: held by root: a test"
      ),
      (
        2, .wait(until: .at(1), .transaction(.init(pid: 3))),
        "2 changes unsaved: commit when apk (pid 3) has ended its transaction"
      ),
      (2, .commit(.apk), "2 changes unsaved: a commit begins now"),
      (2, .wait(until: nil, .committing), "a commit is being made"),
    ] as [(Int, Policy.Decision, String)])
  func howThingsStandHasNoCountdown(changes: Int, decision: Policy.Decision, expected: String) {
    #expect(Policy.standing(changes: changes, decision, settings: Settings()) == expected)
  }

  @Test func whatAShutdownLosesIsSaid() {
    var settings = Settings()
    settings.onShutdown = false
    #expect(
      Policy.sentence(.wait(until: .at(130), .quiet), settings: settings, now: .at(100))
        == "commit in 30 s, if nothing more changes (LBUD_IDLE=30); at shutdown nothing is saved (LBUD_ON_SHUTDOWN=no)")
    #expect(
      Policy.sentence(.wait(until: nil, .onRequestOnly), settings: settings, now: .at(100))
        == "no commit before somebody asks for one (LBUD_AUTO=no): lbuctl commit")
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
