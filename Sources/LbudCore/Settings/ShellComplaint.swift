/// What a shell says of a file that it cannot run, without a word of the file: those may be a password, and what is wrong with
/// `lbu.conf` stands in the log, and is told to who may not read it.
package enum ShellComplaint {
  /// What dash, bash and busybox say, as it stands here.
  private static let phrases = [
    "syntax error", "unterminated quoted string", "unexpected end of file", "unexpected eof", "not found",
    "no such file or directory", "permission denied", "is a directory", "parameter not set", "unbound variable",
    "bad substitution", "bad variable name", "not a valid identifier", "is read only", "readonly variable",
    "division by zero", "too many open files", "cannot fork", "illegal option", "illegal number",
  ]

  /// `line 4: syntax error, unterminated quoted string`; nil where nothing is said.
  /// - Parameter said: all that the shell has written to standard error.
  package static func withoutWords(_ said: String) -> String? {
    // A line of a trace (set -x) is none.
    let lines = said.split(separator: "\n").filter { !$0.hasPrefix("+") }
    guard let first = lines.first ?? said.split(separator: "\n").first else { return nil }
    let lower = first.lowercased()
    let known = phrases.filter { lower.contains($0) }
    let what = known.isEmpty ? "it fails" : known.joined(separator: ", ")
    return line(first).map { "line \($0): \(what)" } ?? what
  }

  /// The number in `sh: 4: ...` or `sh: line 4: ...`, whatever the shell is called.
  private static func line(_ said: Substring) -> Int? {
    let parts = said.split(separator: ":")
    guard parts.count > 2 else { return nil }
    let place = parts[1].drop { $0 == " " }
    let digits = place.hasPrefix("line ") ? place.dropFirst(5) : place
    guard digits.count < 10, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(digits)
  }
}
