import LbudCore

/// The names of users and groups as they are written, in a root's files.
package struct AccountNames: Sendable {
  private static let sizeLimit = 1 << 20

  private let root: RootDirectory

  package init(root: RootDirectory) { self.root = root }

  package func users(of uid: UInt32) -> [[UInt8]] { UserTable(content(UserTable.path)).names(of: uid) }

  package func group(of gid: UInt32) -> [UInt8]? { GroupTable(content(GroupTable.path)).name(of: gid) }

  private func content(_ path: BytePath) -> [UInt8] { (try? root.read(path, limit: Self.sizeLimit)) ?? [] }

  /// What a group and a user are called, for telling the user to join the group.
  /// - Parameter root: that of the group's number; the user is this system's.
  package static func toJoin(group: UInt32, in root: String, user: UInt32) -> (group: String, user: String) {
    let name = names(in: root)?.group(of: group).map { displayText(of: $0) }
    let user = names(in: "/")?.users(of: user).first.map { displayText(of: $0) }
    return (name ?? "\(group)", user ?? "USER")
  }

  private static func names(in root: String) -> AccountNames? {
    do { return AccountNames(root: try RootDirectory(path: root)) } catch { return nil }
  }
}
