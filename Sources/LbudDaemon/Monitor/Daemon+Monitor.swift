import LbudCore
import LbudProtocol
import LbudSystem

/// What clients that monitor are told.
extension Daemon {
  func beginMonitor() async throws -> Monitors.Monitor {
    try await settle(patience: 2)
    passOnTouched()
    let monitor = monitors.begin(touched: Set(pipeline.journal.changes.keys))
    // The others have been told.
    if isStopping { monitors.tell(.ending, to: monitor.id) }
    return monitor
  }

  func endMonitor(_ id: Int) {
    monitors.end(id)
    if monitors.isEmpty { pipeline.forgetTouched() }
  }

  /// To be called when something may have changed.
  func wakeMonitors() {
    guard !monitors.isEmpty else { return }
    passOnTouched()
    monitors.wake()
  }

  private func passOnTouched() {
    let touched = pipeline.takeTouched()
    if !touched.isEmpty { monitors.touch(touched) }
  }

  /// A commit has been made: what it has saved, nobody has to hear of path by path.
  func tellMonitors(committed: CommittedSnapshot, _ plan: CommitPlan, _ request: Request) {
    guard !monitors.isEmpty else { return }
    monitors.saved { self.pipeline.journal.changes[$0] != nil }
    monitors.tell(
      .committed(committed, media: plan.media.path, reason: request.reason, changes: plan.changes.count))
  }

  /// What is new for a client, in its order.
  /// - Parameter limit: how many paths an event lists at most.
  /// - Throws: `ExceededLimit` where it has asked for too long for nothing.
  func news(for id: Int, limit: Int) throws(ExceededLimit) -> [EventReport] {
    passOnTouched()
    let report = presentReport()
    let state = MonitoredState(
      decision: report.decision, hold: report.hold, confirmation: report.confirmation, problems: report.problems,
      mediaError: report.mediaProblem,
      mediaPath: report.mediaPath)
    let (touched, items) = try monitors.take(id, state: state)
    guard !touched.isEmpty || !items.isEmpty else { return [] }
    let counts = ChangeCounts(report.changes)
    let changed = report.changedEvent(touched, limit: limit, counts).map { [$0] } ?? []
    return changed + items.map { report.event($0, counts) }
  }
}
