import LbudCore

/// Names of users, from the root's `etc/passwd` alone: what else getpwuid(3) may ask is not there in a static binary.
package struct UserNames: Sendable {
  private let root: RootDirectory

  package init(root: RootDirectory) {
    self.root = root
  }

  /// The first name that has this number; nil where none has.
  package func name(of uid: UInt32) -> String? {
    guard let text = try? root.read(BytePath("etc/passwd"), limit: 1 << 20) else { return nil }
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 3, UInt32(String(decoding: fields[2], as: UTF8.self)) == uid else { continue }
      return displayText(of: fields[0])
    }
    return nil
  }
}
