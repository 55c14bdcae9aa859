/// What `etc/passwd` says, as far as groups ask for it: a line is NAME:PASSWORD:UID:GID:... (passwd(5)).
package struct UserTable: Equatable, Sendable {
  package static let path = BytePath("etc/passwd")

  private let text: [UInt8]

  package init(_ text: [UInt8]) { self.text = text }

  /// All names of a user: several may have the same number.
  package func names(of uid: UInt32) -> [[UInt8]] {
    text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let fields = accountFields(line, count: 4), accountNumber(fields[2]) == uid else { return nil }
      return Array(fields[0])
    }
  }
}
