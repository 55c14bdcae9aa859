/// Which old snapshots go.
package enum Retention {
  /// Of a host's old snapshots the newest `limit` stay, as `BACKUP_LIMIT` says. Names that are no dated names of this
  /// host are never among those that go.
  /// - Returns: names to remove, oldest first.
  package static func dropped(_ names: [[UInt8]], host: [UInt8], limit: Int) -> [[UInt8]] {
    let dated = names.compactMap { name in
      SnapshotName.parseDated(name).flatMap { $0.host == host ? (name: name, date: $0.date) : nil }
    }
    let oldestFirst = dated.sorted { ($0.date, $0.name) < ($1.date, $1.name) }
    return oldestFirst.dropLast(max(0, limit)).map(\.name)
  }
}

private func < (left: ([UInt8], [UInt8]), right: ([UInt8], [UInt8])) -> Bool {
  left.0 == right.0 ? left.1.lexicographicallyPrecedes(right.1) : left.0.lexicographicallyPrecedes(right.0)
}
