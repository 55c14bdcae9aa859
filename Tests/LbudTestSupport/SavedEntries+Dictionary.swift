import LbudCore

/// Dictionaries, in which tests write down what a snapshot holds.
extension Journal {
  package mutating func replaceBaseline(_ entries: [BytePath: Fingerprint], at now: Instant) {
    replaceBaseline(SavedEntries(entries), at: now)
  }

  package mutating func committed(_ entries: [BytePath: Fingerprint], upTo seen: UInt64) -> [BytePath] {
    committed(SavedEntries(entries), upTo: seen)
  }
}
