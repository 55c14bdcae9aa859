/// How far a commit is.
package struct CommitProgress: Hashable, Sendable {
  package enum Step: String, Sendable, CaseIterable {
    /// Programs of `pre-package.d` or `post-package.d` run.
    case hooks
    /// The entries are archived.
    case writing
    case encrypting
    /// The new file is read back from the medium.
    case checking
    /// It takes its place.
    case publishing
  }

  package var step: Step
  /// Bytes; 0 of 0 where a step has nothing to count.
  package var done: UInt64
  package var total: UInt64

  package init(_ step: Step, done: UInt64 = 0, total: UInt64 = 0) {
    self.step = step
    self.done = min(done, total)
    self.total = total
  }

  /// Of a hundred; 0 where nothing is counted.
  package var percent: UInt64 {
    guard total > 0 else { return 0 }
    let (scaled, overflow) = done.multipliedReportingOverflow(by: 100)
    return overflow ? done / (total / 100) : scaled / total
  }
}

/// Tells how far a commit is, no more often than it can be seen: each step, and each hundredth of it.
final class ProgressMeter {
  private let tell: @Sendable (CommitProgress) -> Void
  private var last: CommitProgress?

  init(_ tell: @escaping @Sendable (CommitProgress) -> Void) { self.tell = tell }

  func reached(_ step: CommitProgress.Step, _ done: UInt64 = 0, of total: UInt64 = 0) {
    let now = CommitProgress(step, done: done, total: total)
    if let last, last.step == step, last.percent == now.percent { return }
    last = now
    tell(now)
  }
}
