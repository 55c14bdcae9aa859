import LbudCore
import LbudSystem

/// What of the daemon's state whoever monitors was told of last.
struct MonitoredState: Equatable, Sendable {
  var decision: Policy.Decision
  var hold: Hold?
  var confirmation: Confirmation?
  var problems: [Problem]
  var mediaError: StoreError?
  var mediaPath: String

  /// What is to be told of what is otherwise now.
  /// - Parameter former: what was told last; nil where nothing was.
  func happenings(since former: MonitoredState?) -> [Happening] {
    var happenings: [Happening] = []
    if former == nil || former?.mediaError != mediaError || former?.mediaPath != mediaPath {
      happenings.append(.media(mediaError, path: mediaPath))
    }
    let before = former?.problems ?? []
    happenings += before.filter { !problems.contains($0) }.map { .solved($0) }
    happenings += problems.filter { !before.contains($0) }.map { .problem($0) }
    if former?.hold != hold {
      if let ended = former?.hold, hold == nil { happenings.append(.released(ended)) }
      if let hold { happenings.append(.held(hold)) }
    }
    if let confirmation, former?.confirmation != confirmation { happenings.append(.awaiting(confirmation)) }
    if !isTransient, former == nil || former?.plan != plan { happenings.append(.planned(decision)) }
    return happenings
  }

  /// Of a commit there are events of its own.
  private var isTransient: Bool {
    switch decision {
    case .commit, .wait(_, .committing): true
    case .wait: false
    }
  }

  /// The decision without times that are only when it is decided again.
  private var plan: Policy.Decision {
    if case .wait(_, .transaction(let holder)) = decision { return .wait(until: nil, .transaction(holder)) }
    return decision
  }
}
