import LbudArchive
import LbudCore
import LbudProtocol
import LbudSystem

/// The history in the words of the interface.
extension LogEntry {
  /// The same with what the next commit makes of them, and what reading them has found.
  static func all(of log: Daemon.Log) -> [LogEntry] {
    zip(all(of: log.entries), zip(log.entries, log.verified)).map { report, known in
      var report = report
      let (entry, verified) = known
      report.verified = verified.map { Double($0.time) }
      report.found = verified?.damage
      if entry.standing == .old, let decision = log.next[entry.name] {
        report.next = decision.isKept ? .keep : .drop
        report.nextReason = decision.words
      }
      return report
    }
  }

  /// - Parameter entries: all that the media holds, in the order in which they are counted.
  static func all(of entries: [HistoryEntry]) -> [LogEntry] {
    let bootable = entries.count { $0.standing != .old }
    var own = 0
    return entries.map { entry in
      var report = LogEntry(entry, boots: entry.standing == .old ? .no : bootable == 1 ? .yes : .maybe)
      if entry.isOwn {
        report.back = own
        own += 1
      }
      return report
    }
  }

  private init(_ entry: HistoryEntry, boots: Boots) {
    self.init(
      back: nil, name: WirePath(bytes: entry.name), folder: entry.isInFolder ? SnapshotStore.subdirectory : "",
      size: Int(clamping: entry.size), time: Double(entry.time), standing: Standing(entry.standing), boots: boots,
      host: entry.host.map { WirePath(bytes: $0) }, own: entry.isOwn, state: State(entry.account))
    switch entry.account {
    case .record(let record): take(record)
    case .damaged(let words), .unopened(let words): damage = words
    case .none, .sealed: break
    }
  }

  private mutating func take(_ record: SnapshotRecord) {
    reason = record.facts.reason
    uid = Int(record.facts.uid)
    user = record.facts.user
    message = record.facts.message
    changed = record.facts.changedCount
    entries = record.entryCount
    aside = record.facts.isAside
    readBack = record.facts.isReadBack
  }
}

extension LogEntry.Standing {
  fileprivate init(_ standing: HistoryEntry.Standing) {
    self =
      switch standing {
      case .current: .current
      case .rival: .rival
      case .old: .old
      }
  }
}

extension LogEntry.State {
  fileprivate init(_ account: HistoryEntry.Account) {
    self =
      switch account {
      case .record: .recorded
      case .none: .unrecorded
      case .sealed: .sealed
      case .unopened: .unopened
      case .damaged: .damaged
      }
  }
}
