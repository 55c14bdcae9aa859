import LbudCore
import Logging

extension Logger {
  /// A line about a problem, and what to do about it.
  func tell(_ problem: Problem) {
    log(level: problem.severity == .warning ? .warning : .error, "\(problem.lineWithRemedy)")
  }
}
