import LbudCore

/// What openssl says of a failure, for a person.
extension OpenSSL {
  static func words(of ended: Program.Ended) -> String {
    guard ended.code != nil else { return "a signal has ended it" }
    let words = words(of: ended.complaint)
    return words.isEmpty ? "it says nothing" : words
  }

  /// All lines but the warning that enc's way of making a key is an old one: it is the boot loader's, so there is no
  /// choice.
  static func words(of complaint: String) -> String {
    var said: [String] = []
    for line in complaint.split(separator: "\n") {
      let line = words(ofLine: line)
      guard !line.hasPrefix("*** WARNING"), !line.hasPrefix("Using -iter"), !said.contains(line) else { continue }
      said.append(line)
    }
    return displayText(of: said.joined(separator: ": ").utf8)
  }

  /// Of a line of the error queue the reason: `THREAD:error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA`
  /// (ERR_print_errors(3)).
  private static func words(ofLine line: Substring) -> String {
    let parts = line.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 6, parts[1] == "error" else { return String(line) }
    return String(parts[5])
  }
}
