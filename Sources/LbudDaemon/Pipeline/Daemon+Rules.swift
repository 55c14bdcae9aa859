import LbudCore
import LbudSystem

extension Daemon {
  /// Edits lbu.list; what it says counts when this returns.
  /// - Parameter remove: whether the names are only taken out of the list of the mode.
  /// - Returns: what became of them; nil where there is no list that anything could be taken out of.
  /// - Throws: `FileError`, `LbuList.NameError`.
  package func edit(_ mode: LbuList.Mode, _ names: [[UInt8]], remove: Bool) async throws -> [LbuList.Edit]? {
    let file = LbuListFile(root: root)
    let edits = try await OwnThread.run(named: "lbud-list") { () throws -> [LbuList.Edit]? in
      try file.edit { list in
        guard remove else { return try list.add(mode, names) }
        return list.isThere ? list.remove(mode, names) : nil
      }
    }
    advance()
    return edits
  }

  /// The list as it stands; nil where there is none.
  /// - Throws: `FileError`.
  package func rules() throws -> LbuList? { try LbuListFile(root: root).read() }
}
