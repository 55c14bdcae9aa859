/// How a path differs from the last snapshot on the media.
package struct Change: Equatable, Sendable {
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// A snapshot made now holds it, the last one does not.
    case added
    /// Its content, type or link target differs.
    case modified
    /// Only its mode or owner differs.
    case metadata
    /// The last snapshot holds it, one made now would not: removed, or as its package brought it again.
    case deleted

    /// The letter that lists have for it: lbu's, and `M` for what lbu does not see.
    package var letter: String {
      switch self {
      case .added: "A"
      case .modified: "U"
      case .metadata: "M"
      case .deleted: "D"
      }
    }
  }

  package var kind: Kind
  /// When the path was first seen to differ, and when a change to it was last seen.
  package var first: Instant
  package var last: Instant
  /// The journal's generation at the last change: a commit that began later holds it.
  package var generation: UInt64
  /// What was there then; nil where a snapshot would hold nothing of that path.
  package var now: Fingerprint?
}
