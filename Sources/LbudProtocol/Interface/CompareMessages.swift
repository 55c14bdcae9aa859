/// Parameters of `io.lbud.Changes` and of `io.lbud.Diff`.
package struct CompareCall: Codable, Sendable, Equatable {
  /// Nil for what is saved.
  package var from: ReferenceReport?
  /// Nil for the running system.
  package var to: ReferenceReport?
  package var otherwise: Otherwise?

  package init(from: ReferenceReport? = nil, to: ReferenceReport? = nil, otherwise: Otherwise? = nil) {
    self.from = from
    self.to = to
    self.otherwise = otherwise
  }
}

/// The answer to `io.lbud.Changes`.
package struct ChangesReply: Codable, Sendable, Equatable {
  /// What it is compared with; nil where there is none.
  package var snapshot: String?
  /// The other snapshot; nil where it is compared with what there is now.
  package var to: String?
  package var changes: [ChangeReport]

  package init(snapshot: String?, to: String? = nil, changes: [ChangeReport]) {
    self.snapshot = snapshot
    self.to = to
    self.changes = changes
  }
}

/// One of the answers to `io.lbud.Diff`.
package struct DiffReply: Codable, Sendable, Equatable {
  package var text: WireData
  /// Whether anything differs; in the last one.
  package var differs: Bool

  package init(text: WireData, differs: Bool) {
    self.text = text
    self.differs = differs
  }
}

/// Parameters of `io.lbud.Package`.
package struct PackageCall: Codable, Sendable, Equatable {
  package var otherwise: Otherwise?
  /// Whether it is not encrypted, whatever the settings say.
  package var plain: Bool?

  package init(otherwise: Otherwise? = nil, plain: Bool? = nil) {
    self.otherwise = otherwise
    self.plain = plain
  }
}

/// One of the answers to `io.lbud.Package`.
package struct PackageReply: Codable, Sendable, Equatable {
  /// What hooks print, as it comes.
  package var output: WireData?
  package var data: WireData?
  /// What the file would be called on the media.
  package var name: String
  /// What could not be packed as it is, in words.
  package var notes: [String]

  package init(name: String, output: WireData? = nil, data: WireData? = nil, notes: [String] = []) {
    self.output = output
    self.data = data
    self.name = name
    self.notes = notes
  }
}
