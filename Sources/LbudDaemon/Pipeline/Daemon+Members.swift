import LbudCore
import LbudSystem
import Logging

/// Whose members may ask: `LBUD_GROUP`, looked up in the root's `etc/group`, as both stand.
extension Daemon {
  /// As they are at this moment, changes that returned before the call included.
  func currentMembers() async -> Members {
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    return lookUpMembers()
  }

  /// Has `tell` told the group's number, now and when it becomes another one; nil where there is no group.
  func tellMembers(_ tell: @escaping @Sendable (UInt32?) -> Void) {
    tellMembers = tell
    members = nil
    followMembers()
  }

  func followMembers() {
    let now = lookUpMembers()
    guard now != members else { return }
    members = now
    tellMembers(now.group?.gid)
    for problem in membersProblems { logger.tell(problem) }
  }

  private func lookUpMembers() -> Members {
    let name = pipeline.settings.group
    return Members(name: name, group: groups.group(named: name))
  }

  var membersProblems: [Problem] { members.flatMap { Self.problem($0.name, $0.group) }.map { [$0] } ?? [] }

  /// What the settings are wrong about. That the group is not there which nobody has named is as it should be.
  static func problem(_ name: String, _ group: GroupTable.Group?) -> Problem? {
    guard group == nil, name != Settings().group else { return nil }
    return Problem(
      .warning, subject: "/" + Settings.path.display,
      "LBUD_GROUP='\(displayText(of: name.utf8))' is no group of /\(GroupTable.path.display): nobody but root may ask",
      remedy: "make it: addgroup \(displayText(of: name.utf8)); or set LBUD_GROUP to another one")
  }
}
