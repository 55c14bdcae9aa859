import LbudCore
import LbudProtocol
import Testing

@testable import LbuctlCommands

@Suite("What lbuctl watch knows")
struct WatchStateTests {
  @Test func theFirstEventsTellOfNothingThatHasHappened() {
    var state = Sample.state(Sample.status())
    for kind in [EventReport.Kind.changed, .media, .problem, .held, .planned] { _ = state.take(Sample.event(kind)) }
    #expect(state.occurrences.isEmpty)
    _ = state.take(Sample.event(.media, "/media/usb is there"))
    #expect(state.occurrences.map(\.sentence) == ["/media/usb is there"])
  }

  @Test func theFirstEventsEndWithACommitThatIsBeingMade() {
    var state = Sample.state(Sample.status(Sample.committing))
    _ = state.take(Sample.event(.media, "there", Sample.committing))
    _ = state.take(Sample.event(.committed, "saved"))
    _ = state.take(Sample.event(.changed, "changed"))
    #expect(state.occurrences.map(\.sentence) == ["saved", "changed"])
  }

  @Test func anEventIsTrueBeforeTheStatusIsAsked() {
    var state = Sample.state(Sample.status())
    let asks = state.take(Sample.event(.changed, "", Sample.waiting, changes: 3))
    #expect(asks)
    #expect(state.status.counts.total == 3)
    #expect(state.nextTick(after: Sample.now) == Instant(nanoseconds: Sample.now.nanoseconds + 1_000_000_000))
    _ = state.take(Sample.event(.committed))
    #expect(state.nextTick(after: Sample.now) == nil, "nothing is due, and nothing ticks")
  }

  @Test func whatIsSavedIsListedNoMore() {
    var state = Sample.state(Sample.status(Sample.waiting, pending: [Sample.change("etc/motd")]))
    _ = state.take(Sample.event(.committed))
    #expect(!state.text(9, 80).contains("etc/motd"))
  }

  @Test func progressThatComesAfterTheCommitIsNone() {
    var state = Sample.state(Sample.status())
    _ = state.take(Sample.event(.progress, progress: ProgressReport(step: .publishing)))
    #expect(state.progress == nil)
  }

  @Test func aStatusFromBeforeTheCommitDoesNotHideHowFarItIs() {
    var state = Sample.state(Sample.status())
    let progress = ProgressReport(step: .hooks)
    _ = state.take(Sample.event(.progress, "", Sample.committing, progress: progress))
    state.take(Sample.status(Sample.committing), now: Sample.now, wall: Sample.wall)
    #expect(state.progress == progress)
  }

  @Test func onlySoMuchIsRemembered() {
    var state = Sample.state(Sample.status())
    for number in 0..<1000 { _ = state.take(Sample.event(.reloaded, "\(number)")) }
    #expect(state.occurrences.count == 100)
    #expect(state.occurrences.last?.sentence == "999")
  }
}

@Suite("The lines of lbuctl watch")
struct WatchLinesTests {
  private static func lines(_ events: EventReport...) -> [String] {
    var lines = WatchLines()
    return events.flatMap { lines.lines(of: $0) }
  }

  @Test func aLineForEachPath() {
    var event = Sample.event(.changed, "changed: much")
    event.changes = [
      Sample.change("etc/motd", .added), Sample.change("a\nb"), Sample.change([0xff], .deleted),
      Sample.change("m", .metadata),
    ]
    event.others = 1
    event.restored = [WirePath("etc/\u{1b}")]
    #expect(
      Self.lines(event)
        == ["A etc/motd", "U a\\nb", "D \u{fffd}", "M m", "and 1 change more", "= etc/\\x1b"].map {
          "2026-11-24 22:10:01 \($0)"
        })
  }

  @Test func aSentenceElse() {
    #expect(Self.lines(Sample.event(.changed, "nothing\u{1b}")) == ["2026-11-24 22:10:01 nothing\\x1b"])
  }

  @Test func eachStepOnce() {
    func progress(_ step: ProgressReport.Step, _ done: Int) -> EventReport {
      Sample.event(.progress, "\(step.rawValue) \(done)", progress: ProgressReport(step: step, done: done, total: 9))
    }
    let lines = Self.lines(
      progress(.writing, 1), progress(.writing, 2), progress(.checking, 1), Sample.event(.committed, "saved"),
      progress(.checking, 1))
    #expect(lines.map { $0.dropFirst(20) } == ["writing 1", "checking 1", "saved", "checking 1"])
  }
}
