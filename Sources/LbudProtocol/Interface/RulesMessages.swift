/// Parameters of `io.lbud.Include` and `io.lbud.Exclude`.
package struct EditCall: Codable, Sendable, Equatable {
  package var paths: [WirePath]
  package var remove: Bool?

  package init(paths: [WirePath], remove: Bool? = nil) {
    self.paths = paths
    self.remove = remove
  }
}

/// What became of one path in one of the two lists.
package struct EditReport: Codable, Sendable, Equatable {
  package enum List: String, Codable, Sendable, CaseIterable { case include, exclude }
  package enum Outcome: String, Codable, Sendable, CaseIterable { case added, present, removed, absent }

  package var path: WirePath
  package var list: List
  package var outcome: Outcome

  package init(path: WirePath, list: List, outcome: Outcome) {
    self.path = path
    self.list = list
    self.outcome = outcome
  }
}

/// The answer to `io.lbud.Include` and `io.lbud.Exclude`.
package struct EditReply: Codable, Sendable, Equatable {
  /// The file's path in the root.
  package var file: String
  package var edits: [EditReport]
  /// Whether there was a file to remove from.
  package var exists: Bool

  package init(file: String, edits: [EditReport], exists: Bool) {
    self.file = file
    self.edits = edits
    self.exists = exists
  }
}

/// The answer to `io.lbud.Rules`.
package struct RulesReply: Codable, Sendable, Equatable {
  package var exists: Bool
  package var include: [WirePath]
  package var exclude: [WirePath]

  package init(exists: Bool, include: [WirePath], exclude: [WirePath]) {
    self.exists = exists
    self.include = include
    self.exclude = exclude
  }
}
