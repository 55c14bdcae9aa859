/// Something that is not as it should be, in words for the person who can mend it.
package struct Problem: Hashable, Sendable {
  package enum Severity: UInt8, Sendable, Comparable {
    /// Worth knowing; lbud does its work.
    case warning
    /// lbud works on with less to go by than it should have.
    case degraded
    /// A commit made now could lack something that the last good snapshot holds: none is made.
    case blocking

    package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
  }

  package var severity: Severity
  /// The path or setting that is concerned, as shown to a person.
  package var subject: String
  package var text: String
  /// What to do about it.
  package var remedy: String
  /// Whether a blocking one keeps only those commits from being made that nobody has asked for.
  package var yieldsToRequest = false

  package init(_ severity: Severity, subject: String, _ text: String, remedy: String) {
    self.severity = severity
    self.subject = subject
    self.text = text
    self.remedy = remedy
  }

  /// One line: the subject and what is wrong with it.
  package var line: String { "\(subject): \(text)" }

  /// The same, and what to do about it.
  package var lineWithRemedy: String { "\(line); \(remedy)" }
}
