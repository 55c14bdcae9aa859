/// What a commit makes anew of the last snapshot, and what it copies from it.
package struct CommitScope: Equatable, Sendable {
  /// A stretch of the new snapshot, in its order.
  package enum Part: Equatable, Sendable {
    /// Spans of the last snapshot, as they are.
    case copied(Range<Int>)
    /// Every entry that stands there now: from one place on, up to another; nil for all before, or behind.
    case made(from: ArchiveKey?, upTo: ArchiveKey?)
  }

  package var parts: [Part]

  /// Everything is made anew.
  package static let all = CommitScope(parts: [.made(from: nil, upTo: nil)])

  package init(parts: [Part]) { self.parts = parts }

  /// More spans than this are not copied: with those that are made anew, their table would outgrow the record.
  static let mostSpans = 640

  /// - Parameters:
  ///   - saved: what the last snapshot holds.
  ///   - changed: paths of which it holds something else than is there now.
  ///   - linked: paths that share an inode with others: the archive has the content under the first name only, so that
  ///     all of them are made anew as soon as one is.
  package init(_ saved: SavedEntries, changed: some Sequence<BytePath>, linked: some Sequence<BytePath>) {
    guard saved.isAligned, saved.spans.count <= Self.mostSpans else {
      self = .all
      return
    }
    var made: Set<Int> = []
    for path in changed { made.formUnion(Self.places(of: path, in: saved)) }
    let linkedSpans = Set(
      linked.flatMap { Self.places(of: $0, in: saved) } + saved.spans.indices.filter { saved.spans[$0].hasLinks })
    if !made.isDisjoint(with: linkedSpans) { made.formUnion(linkedSpans) }
    self.init(saved, made: made)
  }

  private init(_ saved: SavedEntries, made: Set<Int>) {
    parts = []
    var place = 0
    while place < saved.spans.count {
      let isMade = made.contains(place)
      let end = saved.spans.indices[place...].first { made.contains($0) != isMade } ?? saved.spans.count
      if isMade {
        parts.append(
          .made(
            from: place == 0 ? nil : saved.spans[place].first,
            upTo: end == saved.spans.count ? nil : saved.spans[end].first))
      } else {
        parts.append(.copied(place..<end))
      }
      place = end
    }
  }

  private static func places(of path: BytePath, in saved: SavedEntries) -> [Int] {
    ArchiveKey.all(of: path).compactMap { saved.spanIndex(of: $0) }
  }
}
