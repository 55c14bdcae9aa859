/// What a setup does, step by step, and what a person should know of it.
package struct SetupPlan: Equatable, Sendable {
  package var steps: [SetupStep] = []
  /// What is as it should be, and stays.
  package var standing: [String] = []
  /// What a person should know.
  package var notes: [String] = []
  /// What is to be done next, by a person.
  package var next: [String] = []

  package init() {}
}

package enum SetupStep: Equatable, Sendable {
  /// Paths begin with a slash.
  case makeDirectory([UInt8])
  /// A line for fstab, and the text that fstab has with it.
  case addLine([UInt8], text: [UInt8])
  case removeNoauto(point: [UInt8], text: [UInt8])
  /// A word for `LBU_MEDIA`, and the text that lbu.conf has with it.
  case setMedia([UInt8], text: [UInt8])
  case linkCache(to: [UInt8], former: [UInt8]?)

  /// In words.
  /// - Parameter done: false for what would be done.
  package func words(done: Bool) -> String {
    func verb(_ past: String, _ future: String) -> String { done ? past : "would \(future)" }
    switch self {
    case .makeDirectory(let path): return "\(verb("made", "make")) the directory \(displayText(of: path))"
    case .addLine(let line, _): return "\(verb("added", "add")) to /etc/fstab: \(Self.shown(line))"
    case .removeNoauto(let point, _):
      return "\(verb("took", "take")) noauto out of the line for \(displayText(of: point)) in /etc/fstab"
    case .setMedia(let name, _):
      return "\(verb("set", "set")) LBU_MEDIA=\(displayText(of: ShellText.quoted(name))) in /etc/lbu/lbu.conf"
    case .linkCache(let target, let former):
      let before = former.map { ", before: \(displayText(of: $0))" } ?? ""
      return "\(verb("linked", "link")) /etc/apk/cache to \(displayText(of: target))\(before)"
    }
  }

  /// Tabs as blanks, and the backslashes of octal escapes as they are.
  private static func shown(_ line: [UInt8]) -> String {
    line.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).map { part in
      displayText(of: part.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 })
    }.joined(separator: "\\")
  }
}

/// Why nothing is set up.
package struct SetupRefusal: Error, Equatable, CustomStringConvertible {
  /// In a sentence without a full stop.
  package var description: String
  /// What to do about it.
  package var hint: String

  package init(_ description: String, hint: String) {
    self.description = description
    self.hint = hint
  }
}
