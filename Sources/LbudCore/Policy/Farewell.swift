/// What is told when lbud ends, on the console of a machine that goes down.
package struct Farewell: Equatable, Sendable {
  package enum Ending: Equatable, Sendable {
    /// Nothing was unsaved.
    case nothing
    /// So many changes were saved to that file.
    case saved(Int, String)
    /// So many changes were not to be saved.
    case unsaved(Int, why: String)
    /// They were, and could not be.
    case failed(Int, String, hint: String)
  }

  package enum Level: String, Sendable {
    case info, warning, error
  }

  package var ending: Ending
  /// What is not as it should be.
  package var problems: [Problem] = []

  package init(ending: Ending, problems: [Problem] = []) {
    self.ending = ending
    self.problems = problems
  }

  /// One line each, with what it is.
  package var lines: [(level: Level, text: String)] {
    var lines: [(Level, String)] =
      switch ending {
      case .nothing: [(.info, "all that was changed is saved")]
      case .saved(let count, let path): [(.info, "saved \(Policy.count(count)) to \(path)")]
      case .unsaved(let count, let why):
        [(.warning, "\(Policy.count(count)) \(count == 1 ? "is" : "are") not saved, and gone after a reboot: \(why)")]
      case .failed(0, let message, let hint):
        [(.warning, "nothing is known to be unsaved, but \(message)"), (.warning, hint)]
      case .failed(let count, let message, let hint):
        [
          (.error, "\(Policy.count(count)) \(count == 1 ? "is" : "are") not saved: \(message)"),
          (.error, hint),
        ]
      }
    for problem in problems { lines.append((.warning, problem.lineWithRemedy)) }
    return lines.map { ($0.0, $0.1.split(separator: "\n").joined(separator: " ")) }
  }
}
