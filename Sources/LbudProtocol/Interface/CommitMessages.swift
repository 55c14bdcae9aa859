/// Parameters of `io.lbud.Commit`.
package struct CommitCall: Codable, Sendable, Equatable {
  /// Bytes of a message.
  package static let messageLimit = 4096

  package var message: String?
  package var dryRun: Bool?
  package var removeOthers: Bool?
  package var afterTransaction: Bool?
  /// Whether a snapshot is made though nothing differs.
  package var force: Bool?
  /// Seconds in which somebody has to confirm it.
  package var confirmWithin: Int?
  /// Whether the machine reboots where nobody does.
  package var reboot: Bool?
  package var otherwise: Otherwise?

  package init(
    message: String? = nil, dryRun: Bool? = nil, removeOthers: Bool? = nil, afterTransaction: Bool? = nil,
    force: Bool? = nil, confirmWithin: Int? = nil, reboot: Bool? = nil, otherwise: Otherwise? = nil
  ) {
    self.message = message
    self.dryRun = dryRun
    self.removeOthers = removeOthers
    self.afterTransaction = afterTransaction
    self.force = force
    self.confirmWithin = confirmWithin
    self.reboot = reboot
    self.otherwise = otherwise
  }
}

/// The answer to `io.lbud.Commit`.
package struct CommitReply: Codable, Sendable, Equatable {
  /// Whether a snapshot was made; false where nothing differs, and for a dry run.
  package var committed: Bool
  package var changes: [ChangeReport]
  package var counts: ChangeCounts
  package var media: String
  package var snapshot: SnapshotReport?
  package var former: String?
  package var retired: [String]
  package var removed: [String]
  package var dropped: [String]
  /// The setting that has it so.
  package var droppedBy: String?
  package var notes: [String]
  /// Whether it is made later, when a transaction of apk has ended.
  package var scheduled: Bool
  /// What hooks print, as it comes; then all else is empty, and the answer that counts is still to come.
  package var output: WireData?
  /// How far it is; then all else is empty as well.
  package var progress: ProgressReport?
  package var confirmation: ConfirmationReport?

  package init(
    committed: Bool = false, changes: [ChangeReport] = [], counts: ChangeCounts = ChangeCounts(), media: String = "",
    snapshot: SnapshotReport? = nil,
    former: String? = nil, retired: [String] = [], removed: [String] = [], dropped: [String] = [],
    droppedBy: String? = nil, notes: [String] = [], scheduled: Bool = false, output: WireData? = nil,
    progress: ProgressReport? = nil,
    confirmation: ConfirmationReport? = nil
  ) {
    self.committed = committed
    self.changes = changes
    self.counts = counts
    self.media = media
    self.snapshot = snapshot
    self.former = former
    self.retired = retired
    self.removed = removed
    self.dropped = dropped
    self.droppedBy = droppedBy
    self.notes = notes
    self.scheduled = scheduled
    self.output = output
    self.progress = progress
    self.confirmation = confirmation
  }
}
