import LbudCore
import LbudProtocol

/// What the view knows.
struct WatchState {
  /// Something that has happened.
  struct Occurrence: Equatable {
    /// Seconds since 1970.
    var time: Double
    var kind: EventReport.Kind
    var sentence: String
  }

  private static let memory = 100

  private(set) var status: StatusReply
  private(set) var countdown: Countdown?
  /// While a commit is made.
  private(set) var progress: ProgressReport?
  /// The newest last.
  private(set) var occurrences: [Occurrence] = []
  /// The first events tell how things stand, and nothing has happened.
  private var isBeginning = true

  /// - Parameters:
  ///   - wall: seconds since 1970, at the same time as `now`.
  init(_ status: StatusReply, now: Instant, wall: Double) {
    self.status = status
    plan(status.plan, now, wall)
  }

  mutating func take(_ status: StatusReply, now: Instant, wall: Double) {
    self.status = status
    plan(status.plan, now, wall)
  }

  /// Events come of another connection.
  mutating func beginAgain() { isBeginning = true }

  /// - Returns: whether more is otherwise than the event tells.
  mutating func take(_ event: EventReport, now: Instant, wall: Double) -> Bool {
    status.counts = event.counts
    if event.counts.total == 0 { status.pending = [] }
    status.plan = event.plan
    plan(event.plan, now, wall)
    // What comes late tells of a commit that has been made by now.
    progress = event.plan.state == .committing ? event.progress ?? progress : nil
    remember(event)
    return event.kind != .progress
  }

  /// When it is to be drawn again though nothing happens.
  func nextTick(after now: Instant) -> Instant? { countdown?.nextChange(after: now) }

  private mutating func plan(_ plan: PlanReport, _ now: Instant, _ wall: Double) {
    // The clock may be set while it counts.
    countdown = plan.at.flatMap { at in
      let left = min(max(0, at - wall), 1e9)
      return Countdown(plan.sentence, due: Instant(nanoseconds: now.nanoseconds + Int64(left * 1e9)))
    }
    if plan.state != .committing { progress = nil }
  }

  private mutating func remember(_ event: EventReport) {
    if isBeginning {
      switch event.kind {
      case .changed, .media, .problem, .held: return
      default: isBeginning = false
      }
    }
    switch event.kind {
    // The view has a place for these.
    case .planned, .progress: return
    default: break
    }
    occurrences.append(Occurrence(time: event.time, kind: event.kind, sentence: event.sentence))
    if occurrences.count > Self.memory { occurrences.removeFirst(occurrences.count - Self.memory) }
  }
}
