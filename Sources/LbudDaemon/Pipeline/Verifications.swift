import LbudArchive
import LbudCore
import LbudSystem

/// What reading snapshots has found since lbud was started. It is about files as they were read: of one that has become
/// another nothing is known.
struct Verifications: Sendable {
  struct Result: Equatable, Sendable {
    /// Seconds since 1970.
    var time: Int64
    /// Nil for a sound one.
    var damage: String?
  }

  /// A snapshot keeps its size, its time and what its record says when it gets a dated name, or another inode as vfat gives
  /// it with each mount.
  private struct Key: Hashable {
    var media: String
    var size: UInt64
    var modified: Int64
    /// The hash of its tar; the name where there is no record.
    var content: [UInt8]

    init(_ entry: HistoryEntry, _ media: String) {
      self.media = media
      size = entry.size
      modified = entry.signature.modified.seconds
      content = entry.record.map { Array($0.identity.utf8) } ?? entry.relativeName
    }
  }

  private var results: [Key: Result] = [:]
  /// More than a medium ever has.
  private static let limit = 10_000

  func result(of entry: HistoryEntry, in media: String) -> Result? { results[Key(entry, media)] }

  /// - Parameter time: seconds since 1970.
  mutating func note(_ verification: Verification, in media: String, at time: Int64) {
    guard verification.verdict != .sealed else { return }
    if results.count >= Self.limit { results = [:] }
    let damage = verification.verdict == .damaged ? verification.why ?? "damaged" : nil
    results[Key(verification.entry, media)] = Result(time: time, damage: damage)
  }
}
