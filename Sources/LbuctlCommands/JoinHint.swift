import LbudCore
import LbudProtocol
import LbudSystem

/// What a user can do whom the socket refuses, by the names that the root's files have.
struct JoinHint {
  var root: String

  func text(group: UInt32, user: UInt32) -> String {
    // The group is that of the root that lbud watches; the user is this system's.
    let group = names(root)?.group(of: group).map { displayText(of: $0) } ?? "\(group)"
    let user = names("/")?.users(of: user).first.map { displayText(of: $0) } ?? "USER"
    return ClientError.hintToJoin(group, user: user)
  }

  private func names(_ path: String) -> AccountNames? {
    do { return AccountNames(root: try RootDirectory(path: path)) } catch { return nil }
  }
}
