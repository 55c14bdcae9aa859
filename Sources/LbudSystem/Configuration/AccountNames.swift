import LbudCore

/// The names of users and groups as they are written, in a root's files.
package struct AccountNames: Sendable {
  private static let sizeLimit = 1 << 20

  private let root: RootDirectory

  package init(root: RootDirectory) { self.root = root }

  package func users(of uid: UInt32) -> [[UInt8]] { UserTable(content(UserTable.path)).names(of: uid) }

  package func group(of gid: UInt32) -> [UInt8]? { GroupTable(content(GroupTable.path)).name(of: gid) }

  private func content(_ path: BytePath) -> [UInt8] { (try? root.read(path, limit: Self.sizeLimit)) ?? [] }
}
