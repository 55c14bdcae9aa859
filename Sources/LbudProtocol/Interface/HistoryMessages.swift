/// An old snapshot.
package struct OldSnapshotReport: Codable, Sendable, Equatable {
  package var name: WirePath
  /// The folder of the media that it is in: empty for the top one.
  package var folder: String
  package var size: Int
  /// Seconds since 1970.
  package var time: Double

  package init(name: WirePath, folder: String, size: Int, time: Double) {
    self.name = name
    self.folder = folder
    self.size = size
    self.time = time
  }
}

/// The answer to `io.lbud.Snapshots`.
package struct SnapshotsReply: Codable, Sendable, Equatable {
  package var media: String
  package var snapshots: [OldSnapshotReport]

  package init(media: String, snapshots: [OldSnapshotReport]) {
    self.media = media
    self.snapshots = snapshots
  }
}

/// Parameters of `io.lbud.Revert`.
package struct RevertCall: Codable, Sendable, Equatable {
  package var snapshot: ReferenceReport
  /// Whether the running system follows.
  package var live: Bool?
  /// Whether it may be another box's.
  package var foreign: Bool?
  package var otherwise: Otherwise?

  package init(
    snapshot: ReferenceReport, live: Bool? = nil, foreign: Bool? = nil, otherwise: Otherwise? = nil
  ) {
    self.snapshot = snapshot
    self.live = live
    self.foreign = foreign
    self.otherwise = otherwise
  }
}

/// The answer to `io.lbud.Revert`.
package struct RevertReply: Codable, Sendable, Equatable {
  package var media: String
  /// The old name of the snapshot.
  package var snapshot: WirePath
  /// The name that the snapshot has now, and boots by: the same where it did so already.
  package var name: String
  package var former: String?
  package var retired: [String]
  /// The hold that keeps it from being replaced at once.
  package var hold: HoldReport?
  package var notes: [String]
  /// What has been done to the running system; nil where it was not to follow.
  package var actions: [RestorationReport]?

  package init(
    media: String, snapshot: WirePath, name: String, former: String?, retired: [String], hold: HoldReport?,
    notes: [String], actions: [RestorationReport]? = nil
  ) {
    self.media = media
    self.snapshot = snapshot
    self.name = name
    self.former = former
    self.retired = retired
    self.hold = hold
    self.notes = notes
    self.actions = actions
  }
}
