import LbudCore
import Synchronization
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// What whoever monitors is told, and what is put together.
@Suite struct MonitorTests {
  private static let motd = BytePath("etc/motd")
  private static let hosts = BytePath("etc/hosts")
  private var queue = MonitorQueue()
  private var state = MonitoredState(
    decision: .wait(until: nil, .nothingChanged), hold: nil, problems: [], mediaError: nil, mediaPath: "/media/usb")

  private func sentences(_ taken: (touched: Set<BytePath>, items: [MonitorQueue.Item])) -> [String] {
    taken.items.map { $0.happening.sentence(plan: "PLAN") }
  }

  private mutating func take() -> [String] { sentences(queue.take(with: state, wall: 0)) }

  @Test mutating func theFirstNewsTellHowThingsStand() {
    state.problems = [Problem(.warning, subject: "/etc/lbu/lbu.conf", "is odd", remedy: "mend it")]
    state.hold = Hold(until: nil, since: 0, uid: 0, user: "root", why: "a test")
    #expect(
      take() == [
        "/media/usb is there", "/etc/lbu/lbu.conf: is odd; mend it", "held by root: a test", "next: PLAN",
      ])
    #expect(take() == [])
  }

  @Test mutating func thenOnlyWhatIsOtherwise() {
    _ = take()
    state.mediaError = StoreError("/media/usb is not there", hint: "plug it in", isAbsence: true)
    state.decision = .wait(until: nil, .mediaMissing)
    #expect(take() == ["/media/usb is not there; plug it in", "next: PLAN"])
    state.mediaError = nil
    state.decision = .wait(until: Instant(nanoseconds: 5), .quiet)
    #expect(take() == ["/media/usb is there", "next: PLAN"])
    state.decision = .wait(until: Instant(nanoseconds: 6), .quiet)
    #expect(take() == ["next: PLAN"])
    #expect(take() == [])
  }

  @Test mutating func whatIsMendedIsTold() {
    let problem = Problem(.degraded, subject: "/lib/apk/db/installed", "is torn", remedy: "apk fix")
    state.problems = [problem]
    _ = take()
    state.problems = []
    #expect(take() == ["no longer so: /lib/apk/db/installed: is torn"])
  }

  @Test mutating func oneHoldInThePlaceOfAnother() {
    state.hold = Hold(until: nil, since: 0, uid: 0, user: "root", why: "one")
    _ = take()
    state.hold = Hold(until: nil, since: 0, uid: 0, user: "root", why: "two")
    #expect(take() == ["held by root: two"])
    state.hold = nil
    #expect(take() == ["released: it was held by root: two"])
  }

  @Test mutating func theTimeAtWhichAnEndIsLookedForAgainIsNoNews() {
    let holder = LockTable.Holder(pid: 5)
    state.decision = .wait(until: Instant(nanoseconds: 1), .transaction(holder))
    _ = take()
    state.decision = .wait(until: Instant(nanoseconds: 2), .transaction(holder))
    #expect(take() == [])
  }

  @Test mutating func ofACommitThereAreEventsOfItsOwn() {
    _ = take()
    state.decision = .wait(until: nil, .committing)
    queue.add(.committing(.idle, changes: 3), wall: 1)
    for done: UInt64 in [10, 20, 30] { queue.add(.progress(CommitProgress(.writing, done: done, total: 100)), wall: 2) }
    #expect(take() == ["a commit begins (idle): 3 changes", "writing: 30 %"])
    queue.add(.progress(CommitProgress(.publishing)), wall: 3)
    queue.add(.failed(StoreError("it is full", hint: "make room")), wall: 4)
    state.decision = .wait(until: Instant(nanoseconds: 9), .retry(failures: 1))
    #expect(take() == ["publishing", "no snapshot was made: it is full; make room", "next: PLAN"])
  }

  @Test mutating func nothingComesAfterTheEnd() {
    queue.add(.reloaded, wall: 1)
    queue.add(.reloaded, wall: 1)
    queue.add(.ending, wall: 2)
    #expect(take() == ["the settings were read again", "/media/usb is there", "next: PLAN", "lbud ends"])
  }

  @Test mutating func pathsArePutTogetherAndForgottenOnceSaved() {
    queue.touch([Self.motd])
    queue.touch([Self.motd, Self.hosts])
    queue.saved { $0 == Self.hosts }
    #expect(queue.take(with: state, wall: 0).touched == [Self.hosts])
    #expect(queue.take(with: state, wall: 0).touched == [])
  }

  @Test func whoNeverListensIsToldSo() throws {
    let monitors = Monitors()
    let monitor = monitors.begin(touched: [])
    for _ in 0..<MonitorQueue.limit { monitors.tell(.committing(.idle, changes: 1)) }
    #expect(try monitors.take(monitor.id, state: state).items.count == MonitorQueue.limit + 2)
    for _ in 0...MonitorQueue.limit { monitors.tell(.committing(.idle, changes: 1)) }
    #expect(throws: ExceededLimit(name: "events", maximum: MonitorQueue.limit)) {
      try monitors.take(monitor.id, state: state)
    }
    monitors.end(monitor.id)
    #expect(monitors.isEmpty)
    monitors.tell(.reloaded)
    #expect(try monitors.take(monitor.id, state: state).items.isEmpty)
  }

  @Test func percentsOfAnySize() {
    #expect(CommitProgress(.writing, done: 5, total: 0).percent == 0)
    #expect(CommitProgress(.writing, done: 7, total: 3).percent == 100)
    #expect(CommitProgress(.writing, done: .max / 2, total: .max).percent == 50)
    #expect(CommitProgress(.writing, done: 99, total: 1000).percent == 9)
  }

  @Test func eachHundredthIsToldOnce() {
    let told = Told()
    let meter = ProgressMeter { told.add($0) }
    for done: UInt64 in stride(from: 0, through: 1000, by: 1) { meter.reached(.writing, done, of: 1000) }
    meter.reached(.publishing)
    meter.reached(.publishing)
    #expect(told.all.count == 102)
    #expect(told.all.map(\.step).suffix(2) == [.writing, .publishing])
  }
}

private final class Told: Sendable {
  private let progress = Mutex<[CommitProgress]>([])

  var all: [CommitProgress] { progress.withLock { $0 } }

  func add(_ one: CommitProgress) { progress.withLock { $0.append(one) } }
}
