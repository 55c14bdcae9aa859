import LbudCore

/// What becomes of this box's old snapshots.
extension SnapshotStore {
  /// - Parameters:
  ///   - names: what may be old snapshots, in any order.
  ///   - given: those that the commit which asks has given.
  /// - Returns: the newest first.
  func decisions(on names: [[UInt8]], given: Set<[UInt8]> = []) -> [Retention.Decision] {
    Retention.decisions(on: names, host: Array(host.utf8), policy: retention, given: given, protected: protected)
  }

  /// The same when a commit has made the current snapshot an old one; that is not among them.
  /// - Parameter time: when its file was written, in seconds since 1970; nil where there is none.
  func decisions(on names: [[UInt8]], afterCommitOver time: Int64?) -> [Retention.Decision] {
    guard let time, !retention.keepsNone else { return decisions(on: names) }
    let host = Array(self.host.utf8)
    let second = Retention.firstFreeSecond(from: time, host: host, names)
    let dated = Array(SnapshotName.dated(host: self.host, time: second, cipher: cipher).utf8)
    return decisions(on: names, given: [dated]).filter { $0.name != dated }
  }

  /// What the next commit makes of the old snapshots, as the settings are now; by their names without the folder. The
  /// others are not this box's, and stay.
  /// - Parameter entries: as `history` has them.
  func nextDecisions(on entries: [HistoryEntry]) -> [[UInt8]: Retention.Decision] {
    let names = entries.filter { $0.standing == .old }.map(\.name)
    let current = entries.first { $0.standing == .current }
    let decisions = decisions(on: names, afterCommitOver: current?.signature.modified.seconds)
    return Dictionary(decisions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The history, and what the next commit makes of the old ones.
  /// - Parameter say: takes what is worth a debug line.
  /// - Throws: `StoreError`.
  package func historyWithDecisions(
    say: @escaping (String) -> Void
  ) throws(StoreError) -> (entries: [HistoryEntry], next: [[UInt8]: Retention.Decision]) {
    try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        let entries = try historyMounted()
        var store = self
        if let back = try confirmation(in: mount.open()).0?.back { store.protected.insert(Self.baseName(back)) }
        return (entries, store.nextDecisions(on: entries))
      }
    }
  }
}
