import LbudCore

/// Names of users and groups, from the root's `etc/passwd` and `etc/group` alone: what else getpwuid(3) may ask is not there
/// in a static binary.
package struct AccountNames: Sendable {
  private static let sizeLimit = 1 << 20

  private let root: RootDirectory

  package init(root: RootDirectory) { self.root = root }

  /// The first name that has this number, as it can be shown; nil where none has.
  package func user(_ uid: UInt32) -> String? { users(of: uid).first.map { displayText(of: $0) } }

  /// All names at once, each file read once: for showing many.
  package var all: OwnerNames {
    func shown(_ path: BytePath) -> [UInt32: String] {
      accountNames(in: content(path)).mapValues { displayText(of: $0) }
    }
    return OwnerNames(users: shown(UserTable.path), groups: shown(GroupTable.path))
  }

  package func users(of uid: UInt32) -> [[UInt8]] { UserTable(content(UserTable.path)).names(of: uid) }

  package func group(of gid: UInt32) -> [UInt8]? { GroupTable(content(GroupTable.path)).name(of: gid) }

  private func content(_ path: BytePath) -> [UInt8] { (try? root.read(path, limit: Self.sizeLimit)) ?? [] }

  /// What a group and a user are called, for telling the user to join the group.
  /// - Parameter root: that of the group's number; the user is this system's.
  package static func toJoin(group: UInt32, in root: String, user: UInt32) -> (group: String, user: String) {
    let name = names(in: root)?.group(of: group).map { displayText(of: $0) }
    let user = names(in: "/")?.user(user)
    return (name ?? "\(group)", user ?? "USER")
  }

  private static func names(in root: String) -> AccountNames? {
    do { return AccountNames(root: try RootDirectory(path: root)) } catch { return nil }
  }
}
