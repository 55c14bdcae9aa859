/// Which old snapshots stay and which go, each with the reason.
extension Retention {
  /// What the settings say of old snapshots.
  package enum Policy: Equatable, Sendable {
    /// `BACKUP_LIMIT`.
    case limit(Int)
    /// `LBUD_KEEP`.
    case rules(KeepRules)
    /// `LBUD_KEEP` cannot be understood: what it would have kept is not to be lost by a slip of the pen.
    case everything

    /// Whether not even the snapshot before the current one stays.
    package var keepsNone: Bool { self == .limit(0) }

    /// As lbu.conf has it; nil where that cannot be understood, and nothing goes.
    package var setting: String? {
      switch self {
      case .limit(let limit): "BACKUP_LIMIT=\(limit)"
      case .rules(let rules): "LBUD_KEEP=\"\(rules.text)\""
      case .everything: nil
      }
    }
  }

  package enum Reason: Hashable, Sendable {
    /// One of the newest: the how manieth, and of how many that stay.
    case last(Int, of: Int)
    /// The newest of its day, week, month or year: `daily`, `2026-11-24`.
    case newest(of: String, String)
    /// The commit that is being made has made it an old one.
    case given
    case toGoBackTo
    case unknownRules
    case beyondLimit(Int)
    case noRule(KeepRules)

    package var words: String {
      switch self {
      case .last(let place, let count): "last \(place) of \(count)"
      case .newest(let rule, let period): "\(rule) \(period)"
      case .given: "the one before"
      case .toGoBackTo: "to go back to"
      case .unknownRules: "LBUD_KEEP cannot be understood"
      case .beyondLimit(let limit): "beyond BACKUP_LIMIT=\(limit)"
      case .noRule(let rules): "by no rule of LBUD_KEEP=\"\(rules.text)\""
      }
    }
  }

  /// What becomes of an old snapshot.
  package struct Decision: Equatable, Sendable {
    package var name: [UInt8]
    package var isKept: Bool
    /// At least one.
    package var reasons: [Reason]

    /// `last 1 of 3, daily 2026-11-24`.
    package var words: String { reasons.map(\.words).joined(separator: ", ") }
  }

  /// Decides on a host's old snapshots. Names that are no dated names of this host are passed over, and so never go.
  /// - Parameters:
  ///   - names: in any order.
  ///   - given: those that the commit which asks has given, whoever's. They count as the newest, and stay: by a clock that
  ///     is wrong, or with the date of an old file, they may be the oldest.
  ///   - protected: those that stay whatever the settings say.
  /// - Returns: the newest first, each name once.
  package static func decisions(
    on names: [[UInt8]], host: [UInt8], policy: Policy, given: Set<[UInt8]> = [], protected: Set<[UInt8]> = []
  ) -> [Decision] {
    let others = own(names, host: host).filter { !given.contains($0.name) }
    let first = given.map { (name: $0, date: SnapshotName.parseDated($0)?.date ?? []) }
    var rules = AppliedRules(policy)
    return (others + first.sorted(by: isOlder)).reversed().map { old in
      var reasons = rules.take(old.date)
      if given.contains(old.name) { reasons.insert(.given, at: 0) }
      if protected.contains(old.name) { reasons.insert(.toGoBackTo, at: 0) }
      guard reasons.isEmpty else { return Decision(name: old.name, isKept: true, reasons: reasons) }
      return Decision(name: old.name, isKept: false, reasons: [policy.reasonToDrop])
    }
  }

  /// Those that are old snapshots of this host.
  /// - Returns: oldest first, each once.
  package static func own(_ names: [[UInt8]], host: [UInt8]) -> [(name: [UInt8], date: [UInt8])] {
    Set(names).compactMap { name in
      SnapshotName.parseDated(name).flatMap { $0.host == host ? (name: name, date: $0.date) : nil }
    }.sorted(by: isOlder)
  }

  private static func isOlder(_ left: (name: [UInt8], date: [UInt8]), _ right: (name: [UInt8], date: [UInt8])) -> Bool {
    left.date == right.date
      ? left.name.lexicographicallyPrecedes(right.name) : left.date.lexicographicallyPrecedes(right.date)
  }
}

extension Retention.Policy {
  fileprivate var reasonToDrop: Retention.Reason {
    switch self {
    case .limit(let limit): .beyondLimit(limit)
    case .rules(let rules): .noRule(rules)
    case .everything: .unknownRules
    }
  }
}

/// The rules, as they are used up by one snapshot after the other, the newest first.
private struct AppliedRules {
  let policy: Retention.Policy
  private var count = 0
  /// Of each rule the periods that have one that stays. By a clock that was wrong they may come in any order.
  private var periods: [String: Set<String>] = [:]

  init(_ policy: Retention.Policy) { self.policy = policy }

  /// Why the next one stays; nothing where it does not.
  mutating func take(_ date: [UInt8]) -> [Retention.Reason] {
    count += 1
    switch policy {
    case .everything: return [.unknownRules]
    case .limit(let limit): return count <= limit ? [.last(count, of: limit)] : []
    case .rules(let rules):
      let last: [Retention.Reason] = count <= rules.last ? [.last(count, of: rules.last)] : []
      return last
        + [
          newest("daily", of: DatedPeriod.day(date), rules.daily),
          newest("weekly", of: DatedPeriod.week(date), rules.weekly),
          newest("monthly", of: DatedPeriod.month(date), rules.monthly),
          newest("yearly", of: DatedPeriod.year(date), rules.yearly),
        ].compactMap(\.self)
    }
  }

  private mutating func newest(_ rule: String, of period: String, _ limit: Int) -> Retention.Reason? {
    guard periods[rule, default: []].count < limit, periods[rule, default: []].insert(period).inserted else {
      return nil
    }
    return .newest(of: rule, period)
  }
}
