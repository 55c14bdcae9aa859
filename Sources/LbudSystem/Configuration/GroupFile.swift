import LbudCore

/// The root's `etc/group`, read again when it has changed: what else getgrnam(3) may ask is not there in a static binary, nor
/// in another root.
package struct GroupFile: Sendable {
  private static let sizeLimit = 1 << 20

  private let root: RootDirectory
  private var memory = SignatureMemory()
  private var table = GroupTable([])

  package init(root: RootDirectory) { self.root = root }

  /// The group of this name, as the file has it now; nil where there is none, or the file cannot be read.
  package mutating func group(named name: String) -> GroupTable.Group? {
    let root = self.root
    let signatures = { [(try? root.status(GroupTable.path))?.signature] }
    if memory.mayDiffer(signatures()) {
      memory.remember(signatures)
      table = GroupTable((try? root.read(GroupTable.path, limit: Self.sizeLimit)) ?? [])
    }
    return table.group(named: Array(name.utf8))
  }
}
