import LbudCore

/// Who may ask: the members of the group that the settings name.
package struct Members: Equatable, Sendable {
  package var name: String
  /// Nil where there is none of that name: then nobody is meant.
  package var group: GroupTable.Group?

  package init(name: String, group: GroupTable.Group?) {
    self.name = name
    self.group = group
  }

  package func include(_ peer: Peer, called names: @autoclosure () -> [[UInt8]]) -> Bool {
    guard let group else { return false }
    if peer.gid == group.gid { return true }
    // What the process is, counts, not what the file says: who has left a group still has it until he logs out, as with
    // every other file that is the group's, and who was given one by setpriv(1) or newgrp(1) has it. Only a kernel that does
    // not say what groups a process has (before 4.13) leaves the file to go by.
    return peer.groups?.contains(group.gid) ?? names().contains(where: group.members.contains)
  }
}
