import LbudCore
import LbudSystem

/// Something that whoever monitors is told of. What paths differ is told apart from it.
enum Happening: Sendable {
  case planned(Policy.Decision)
  case committing(CommitReason, changes: Int)
  case progress(CommitProgress)
  case committed(CommittedSnapshot, media: String, reason: CommitReason, changes: Int)
  case failed(StoreError)
  /// What is wrong with the media; nil where nothing is.
  case media(StoreError?, path: String)
  case held(Hold)
  case released(Hold)
  case awaiting(Confirmation)
  case confirmed(Confirmation)
  case wentBack(Confirmation)
  case problem(Problem)
  case solved(Problem)
  case reloaded
  case ending
}

extension Happening {
  /// One line for a person.
  /// - Parameter plan: the sentence of what happens next.
  func sentence(plan: String) -> String {
    switch self {
    case .planned: "next: \(plan)"
    case .committing(let reason, let changes): "a commit begins (\(reason.rawValue)): \(Policy.count(changes))"
    case .progress(let progress):
      progress.total > 0 ? "\(progress.step.rawValue): \(progress.percent) %" : progress.step.rawValue
    case .committed(let committed, let media, let reason, let changes):
      "saved \(Policy.count(changes)) to \(media)/\(committed.name) (\(reason.rawValue))"
    case .failed(let error): "no snapshot was made: \(error); \(error.hint)"
    case .media(let error?, _): "\(error); \(error.hint)"
    case .media(nil, let path): "\(path) is there"
    case .held(let hold): hold.words
    case .released(let hold): "released: it was \(hold.words)"
    case .awaiting(let confirmation): "to be confirmed (\(confirmation.words)), or else \(confirmation.otherwise)"
    case .confirmed(let confirmation): "confirmed: what was committed \(confirmation.words)"
    case .wentBack(let confirmation): "nobody has confirmed it: \(displayText(of: confirmation.back)) is current again"
    case .problem(let problem): problem.lineWithRemedy
    case .solved(let problem): "no longer so: \(problem.line)"
    case .reloaded: "the settings were read again"
    case .ending: "lbud ends"
    }
  }
}
