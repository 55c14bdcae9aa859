/// The words of a refusal.
package struct Refusal: Sendable, Equatable {
  package var uid: UInt32
  /// The user's name, as it can be shown; nil where there is none.
  package var user: String?
  package var method: String
  /// What `LBUD_GROUP` says, as it can be shown.
  package var group: String
  /// Whether there is such a group.
  package var groupExists: Bool

  package init(uid: UInt32, user: String?, method: String, group: String, groupExists: Bool) {
    self.uid = uid
    self.user = user
    self.method = method
    self.group = group
    self.groupExists = groupExists
  }

  /// - Returns: nil where nothing is refused.
  package func error(_ permission: Permission) -> VarlinkError? {
    let who = "uid \(uid)" + (user.map { " (\($0))" } ?? "") + " may not call \(method)"
    switch permission {
    case .granted: return nil
    case .onlyAdministrator: return .notPermitted(who, hint: "run it as root")
    case .onlyAsSettingsHaveIt:
      return .notPermitted("\(who) with settings of its own", hint: "run it as root, or with those of lbu.conf")
    case .onlyMember: return .notPermitted(who, hint: hintToJoin)
    }
  }

  private var hintToJoin: String {
    // In the words of busybox.
    let join = "addgroup \(user ?? "USER") \(group)"
    return groupExists
      ? "run it as root, or join the group \(group): \(join)"
      : "run it as root, or make the group \(group) that LBUD_GROUP names, and join it: addgroup \(group); \(join)"
  }
}
