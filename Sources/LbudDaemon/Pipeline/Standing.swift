import LbudCore
import LbudSystem

/// How things stand, for those who are told whenever it is otherwise: a service manager, an inhibitor of the shutdown.
package struct Standing: Equatable, Sendable {
  /// Whether a shutdown now would have something to save.
  package var isUnsaved: Bool
  /// One line for a person. It has no countdown, or it would be another one each second.
  package var line: String
}

extension Daemon {
  /// Calls `tell` with how things stand, now and whenever they stand otherwise. It is called on the daemon's thread and
  /// must not block.
  package func follow(_ tell: @escaping @Sendable (Standing) -> Void) {
    followers.append(tell)
    tell(standing(pipeline.decide(at: SystemClock.now())))
  }

  /// Calls `tell` with true when somebody has asked for the settings to be loaded again, and with false when they are.
  package func followReloads(_ tell: @escaping @Sendable (Bool) -> Void) { tellReloading = tell }

  /// Returns when the daemon has answered: it is alive.
  package func answer() {}

  /// To be called when something may have changed, with what was decided on it.
  func tellFollowers(_ decision: Policy.Decision) {
    guard !followers.isEmpty else { return }
    let standing = standing(decision)
    guard standing != toldStanding else { return }
    toldStanding = standing
    for tell in followers { tell(standing) }
  }

  private func standing(_ decision: Policy.Decision) -> Standing {
    Standing(
      isUnsaved: pipeline.savesAtShutdown || (pipeline.settings.onShutdown && onlyInMemory != nil),
      line: Policy.standing(changes: pipeline.journal.changes.count, decision, settings: pipeline.settings))
  }
}
