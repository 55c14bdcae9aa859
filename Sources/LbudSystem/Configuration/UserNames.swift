import LbudCore

/// Names of users and groups, from the root's `etc/passwd` and `etc/group` alone: what else getpwuid(3) may ask is not there
/// in a static binary.
package struct UserNames: Sendable {
  private let root: RootDirectory

  package init(root: RootDirectory) {
    self.root = root
  }

  /// The first name that has this number; nil where none has.
  package func name(of uid: UInt32) -> String? { table(BytePath("etc/passwd"))[uid] }

  /// All names at once, each file read once: for showing many.
  package var all: OwnerNames {
    OwnerNames(users: table(BytePath("etc/passwd")), groups: table(BytePath("etc/group")))
  }

  /// The first name of each number; the two files have both in the same columns (passwd(5), group(5)).
  private func table(_ path: BytePath) -> [UInt32: String] {
    guard let text = try? root.read(path, limit: 1 << 20) else { return [:] }
    var names: [UInt32: String] = [:]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 3, let number = UInt32(String(decoding: fields[2], as: UTF8.self)), names[number] == nil
      else { continue }
      names[number] = displayText(of: fields[0])
    }
    return names
  }
}
