/// The answer to `io.lbud.List`; with `more` one of several.
package struct ListReply: Codable, Sendable, Equatable {
  package var entries: [ListEntry]

  package init(entries: [ListEntry]) { self.entries = entries }
}

/// An entry that a snapshot made now would hold.
package struct ListEntry: Codable, Sendable, Equatable {
  /// As `apk audit` prints it: a directory ends in a slash.
  package var path: WirePath
  /// The letter of `apk audit`, or `+`.
  package var reason: String

  package init(path: WirePath, reason: String) {
    self.path = path
    self.reason = reason
  }
}
