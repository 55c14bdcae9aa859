/// What the numbers of users and groups are called, for people.
package struct OwnerNames: Hashable, Sendable {
  package var users: [UInt32: String]
  package var groups: [UInt32: String]

  package init(users: [UInt32: String] = [:], groups: [UInt32: String] = [:]) {
    self.users = users
    self.groups = groups
  }

  /// `0644 root:1000`: a number where there is no name.
  package func permissions(of entry: Fingerprint) -> String {
    let octal = String(entry.mode, radix: 8)
    let mode = String(repeating: "0", count: max(0, 4 - octal.count)) + octal
    return "\(mode) \(users[entry.uid] ?? String(entry.uid)):\(groups[entry.gid] ?? String(entry.gid))"
  }
}
