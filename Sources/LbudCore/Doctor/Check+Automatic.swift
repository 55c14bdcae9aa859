/// What keeps lbud from saving by itself.
package struct AutomaticFacts: Sendable {
  package var isOn: Bool
  package var isOnAtShutdown: Bool
  /// In words.
  package var hold: String?
  /// What is to be confirmed, in words, and what comes otherwise.
  package var confirmation: (words: String, otherwise: String)?
  /// What forbids a commit.
  package var obstacle: Problem?
  /// Why the last commit failed, if no other has been made since.
  package var failure: (text: String, remedy: String)?

  package init(
    isOn: Bool = true, isOnAtShutdown: Bool = true, hold: String? = nil,
    confirmation: (words: String, otherwise: String)? = nil, obstacle: Problem? = nil,
    failure: (text: String, remedy: String)? = nil
  ) {
    self.isOn = isOn
    self.isOnAtShutdown = isOnAtShutdown
    self.hold = hold
    self.confirmation = confirmation
    self.obstacle = obstacle
    self.failure = failure
  }
}

extension Check {
  /// Whether what is changed from now on is saved without being asked for.
  package static func automatic(_ facts: AutomaticFacts) -> Check {
    if let obstacle = facts.obstacle {
      return failed(.automatic, "nothing is saved, since \(obstacle.line)", remedy: obstacle.remedy)
    }
    if let failure = facts.failure {
      return warning(.automatic, "the last commit failed: \(failure.text)", remedy: failure.remedy)
    }
    if let confirmation = facts.confirmation {
      return warning(
        .automatic, "what boots is to be confirmed (\(confirmation.words)), or else \(confirmation.otherwise)",
        remedy: "lbuctl confirm")
    }
    if let hold = facts.hold {
      return warning(.automatic, "nothing is saved by itself, at shutdown neither: \(hold)", remedy: "lbuctl release")
    }
    let file = "/" + Settings.path.display
    guard facts.isOn else {
      let when = facts.isOnAtShutdown ? "at shutdown and when asked" : "when asked"
      return warning(
        .automatic, "changes are saved only \(when), since \(file) has LBUD_AUTO=no",
        remedy: "set LBUD_AUTO=yes in \(file)")
    }
    guard facts.isOnAtShutdown else {
      return warning(
        .automatic, "what is unsaved at shutdown is lost, since \(file) has LBUD_ON_SHUTDOWN=no",
        remedy: "set LBUD_ON_SHUTDOWN=yes in \(file)")
    }
    return ok(.automatic, "changes are saved by themselves")
  }
}
