/// Which old snapshots go.
package enum Retention {
  /// Of a host's old snapshots the newest `limit` stay, as `BACKUP_LIMIT` says. Names that are no dated names of this
  /// host are never among those that go.
  /// - Returns: names to remove, oldest first.
  package static func dropped(_ names: [[UInt8]], host: [UInt8], limit: Int) -> [[UInt8]] {
    decisions(on: names, host: host, policy: .limit(max(0, limit))).filter { !$0.isKept }.map(\.name).reversed()
  }

  /// Which of the removable snapshots go so that so many bytes become free: the oldest, no more than it takes; none where
  /// all of them together would not be enough.
  /// - Parameters:
  ///   - removable: oldest first, each with its bytes.
  ///   - block: what a file takes at least, in bytes.
  package static func toMakeRoom(
    _ removable: [(name: [UInt8], size: UInt64)], missing: UInt64, block: UInt64
  ) -> [[UInt8]] {
    let block = max(1, block)
    var gained: UInt64 = 0
    for (index, old) in removable.enumerated() {
      // What it takes is at least its size; rounded down, so that no more is promised than there is.
      gained = gained.addingReportingOverflow(max(old.size / block * block, old.size == 0 ? 0 : block)).partialValue
      if gained >= missing { return removable[...index].map(\.name) }
    }
    return []
  }

  /// The second to date an old snapshot by, so that its name sorts behind those of the snapshots before it.
  ///
  /// Only names from the next quarter of an hour count: many commits within a second lead there. What is dated
  /// further ahead was made while the clock was wrong.
  /// - Parameter time: the snapshot's own, in seconds since 1970.
  package static func firstFreeSecond(from time: Int64, host: [UInt8], _ names: [[UInt8]]) -> Int64 {
    // The half hour that may be looked for behind it has dates too.
    let time = min(max(time, SnapshotName.dateable.lowerBound), SnapshotName.dateable.upperBound - 1900)
    let dates = Set(
      names.compactMap { SnapshotName.parseDated($0) }.filter { $0.host == host }
        .map { String(decoding: $0.date, as: UTF8.self) })
    guard dates.contains(where: { $0 >= SnapshotName.compactTime(time) }) else { return time }
    let last = (0..<Int64(900)).last { dates.contains(SnapshotName.compactTime(time + $0)) }
    return last.map { time + $0 + 1 } ?? time
  }
}
