/// Parameters of `io.lbud.Restore`.
package struct RestoreCall: Codable, Sendable, Equatable {
  /// With all that is below them; empty with `all`.
  package var paths: [WirePath]
  package var snapshot: ReferenceReport?
  /// Whether what is there now and not in the snapshot is removed.
  package var delete: Bool?
  package var dryRun: Bool?
  /// Whether the running system is to be what the snapshot says.
  package var all: Bool?
  /// Whether it may be another box's.
  package var foreign: Bool?
  package var otherwise: Otherwise?

  package init(
    paths: [WirePath], snapshot: ReferenceReport? = nil, delete: Bool? = nil, dryRun: Bool? = nil, all: Bool? = nil,
    foreign: Bool? = nil, otherwise: Otherwise? = nil
  ) {
    self.paths = paths
    self.snapshot = snapshot
    self.delete = delete
    self.dryRun = dryRun
    self.all = all
    self.foreign = foreign
    self.otherwise = otherwise
  }
}

/// What a restore does to a path.
package struct RestorationReport: Codable, Sendable, Equatable {
  package var path: WirePath
  package var kind: ChangeReport.Kind

  package init(path: WirePath, kind: ChangeReport.Kind) {
    self.path = path
    self.kind = kind
  }
}

/// The answer to `io.lbud.Restore`; with `more` one of several.
package struct RestoreReply: Codable, Sendable, Equatable {
  package var media: String
  /// With the folder in front.
  package var snapshot: WirePath
  package var actions: [RestorationReport]
  package var notes: [String]

  package init(media: String, snapshot: WirePath, actions: [RestorationReport], notes: [String]) {
    self.media = media
    self.snapshot = snapshot
    self.actions = actions
    self.notes = notes
  }
}
