import LbudCore
import LbudProtocol
import LbudSystem

/// What has happened, in the words of the interface.
extension DaemonReport {
  /// - Returns: nil where there is nothing to tell.
  func changedEvent(_ touched: Set<BytePath>, limit: Int, _ counts: ChangeCounts) -> EventReport? {
    guard !touched.isEmpty else { return nil }
    var different: [BytePath: Change] = [:]
    for path in touched { different[path] = changes[path] }
    let restored = touched.filter { changes[$0] == nil }.sorted()
    var event = EventReport(
      time: Double(wall) / 1e9, kind: .changed, sentence: Self.sentence(different.keys.sorted(), restored),
      counts: counts, plan: plan)
    event.changes = changeReports(different, limit: limit)
    if different.count > limit { event.others = different.count - limit }
    if !restored.isEmpty { event.restored = restored.prefix(limit).map { WirePath($0) } }
    return event
  }

  private static func sentence(_ different: [BytePath], _ restored: [BytePath]) -> String {
    func list(_ paths: [BytePath]) -> String {
      let shown = paths.prefix(3).map(\.display).joined(separator: ", ")
      return paths.count > 3 ? "\(shown) and \(paths.count - 3) more" : shown
    }
    return [
      different.isEmpty ? nil : "changed: \(list(different))",
      restored.isEmpty ? nil : "as it was saved again: \(list(restored))",
    ]
    .compactMap(\.self).joined(separator: "; ")
  }

  func event(_ item: MonitorQueue.Item, _ counts: ChangeCounts) -> EventReport {
    let happening = item.happening
    var event = EventReport(
      time: Double(item.wall) / 1e9, kind: happening.kind, sentence: happening.sentence(plan: plan.sentence),
      counts: counts, plan: plan)
    switch happening {
    case .planned, .reloaded, .ending: break
    case .committing(let reason, _): event.reason = reason.rawValue
    case .progress(let progress): event.progress = ProgressReport(progress)
    case .committed(let committed, let media, let reason, _):
      event.reason = reason.rawValue
      event.snapshot = SnapshotReport(committed)
      event.media = MediaReport(path: media, present: true, problem: nil)
    case .failed(let error):
      event.failure = FailureReport(time: event.time, message: error.description, hint: error.hint)
    case .media(let error, let path):
      event.media = MediaReport(
        path: path.isEmpty ? nil : path, present: error == nil, problem: error?.description)
    case .held(let hold), .released(let hold): event.hold = holdReport(hold)
    case .awaiting(let confirmation), .confirmed(let confirmation), .wentBack(let confirmation):
      event.confirmation = confirmationReport(confirmation)
    case .problem(let problem), .solved(let problem): event.problem = ProblemReport(problem)
    }
    return event
  }
}

extension Happening {
  fileprivate var kind: EventReport.Kind {
    switch self {
    case .planned: .planned
    case .committing: .committing
    case .progress: .progress
    case .committed: .committed
    case .failed: .failed
    case .media: .media
    case .held: .held
    case .released: .released
    case .awaiting: .awaiting
    case .confirmed: .confirmed
    case .wentBack: .wentBack
    case .problem: .problem
    case .solved: .solved
    case .reloaded: .reloaded
    case .ending: .ending
    }
  }
}

extension ProgressReport {
  init(_ progress: CommitProgress) {
    let step: Step =
      switch progress.step {
      case .hooks: .hooks
      case .writing: .writing
      case .encrypting: .encrypting
      case .checking: .checking
      case .publishing: .publishing
      }
    self.init(step: step, done: Int(clamping: progress.done), total: Int(clamping: progress.total))
  }
}
