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
  package func nextDecisions(on entries: [HistoryEntry]) -> [[UInt8]: Retention.Decision] {
    let names = entries.filter { $0.standing == .old }.map(\.name)
    let current = entries.first { $0.standing == .current }
    let decisions = decisions(on: names, afterCommitOver: current?.signature.modified.seconds)
    return Dictionary(decisions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
