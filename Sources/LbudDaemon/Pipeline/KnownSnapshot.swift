import LbudArchive
import LbudSystem

/// The current snapshot, as much as is told of it.
struct KnownSnapshot: Equatable {
  let name: String
  let size: UInt64
  /// Seconds since 1970.
  let modified: Int64
  let entryCount: Int
  let record: SnapshotRecord?
  /// Of an encrypted one.
  let seal: Seal?
  /// What tells it from every other one: what it holds, and when it was made.
  let identity: String

  init(
    name: String, size: UInt64, modified: Int64, entryCount: Int, record: SnapshotRecord? = nil, seal: Seal? = nil
  ) {
    self.name = name
    self.size = size
    self.modified = modified
    self.entryCount = entryCount
    self.record = record
    self.seal = seal
    // Hashed once: it is asked for whenever lbud wakes up.
    identity = "\(size)-\(record?.facts.time ?? modified)-\(record?.identity ?? "none")"
  }
}
