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
