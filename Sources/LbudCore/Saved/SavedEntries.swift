/// What a snapshot holds, in the order of the archive.
///
/// The spans are those of the snapshot's file, where it is known how its entries lie in it (`isAligned`): a commit makes
/// those anew in which something changed, and copies the others.
package struct SavedEntries: Sendable {
  package let spans: [SavedSpan]
  /// Whether each span here is one of the file's, in their order.
  package let isAligned: Bool

  package static let empty = SavedEntries(spans: [], isAligned: false)

  /// - Parameter spans: in their order.
  package init(spans: [SavedSpan], isAligned: Bool) {
    self.spans = spans
    self.isAligned = isAligned
  }

  /// Of entries in no order, with nothing known of how they lie in a file.
  package init(_ entries: [BytePath: Fingerprint]) {
    self.init(unordered: entries.mapValues { ($0, 0) })
  }

  init(unordered entries: [BytePath: (fingerprint: Fingerprint, modificationTime: Int64)]) {
    let sorted = entries.map { (key: ArchiveKey($0.key, $0.value.fingerprint.kind), value: $0.value) }
      .sorted { $0.key < $1.key }
    var spans: [SavedSpan] = []
    var builder = SavedSpan.Builder()
    for (key, value) in sorted {
      builder.add(key.path, value.fingerprint, modificationTime: value.modificationTime, isLinked: false)
      if builder.count == Self.usualCount, let span = builder.take() { spans.append(span) }
    }
    if let span = builder.take() { spans.append(span) }
    self.init(spans: spans, isAligned: false)
  }

  /// Entries of a span that follows no file.
  static let usualCount = 256

  package var count: Int { spans.reduce(0) { $0 + $1.count } }
  package var isEmpty: Bool { spans.isEmpty }

  package subscript(path: BytePath) -> Fingerprint? {
    place(of: path).map { $0.span.fingerprint($0.place) }
  }

  /// What is saved of a path, and with which time; seconds since 1970.
  package func entry(_ path: BytePath) -> (fingerprint: Fingerprint, modificationTime: Int64)? {
    place(of: path).map { ($0.span.fingerprint($0.place), $0.span.modificationTime($0.place)) }
  }

  private func place(of path: BytePath) -> (span: SavedSpan, place: Int)? {
    for key in ArchiveKey.all(of: path) {
      guard let span = spanIndex(of: key).map({ spans[$0] }) else { continue }
      if let place = span.place(of: key) { return (span, place) }
    }
    return nil
  }

  /// The span in which an entry is or would be; the first one also for what stands before it. Nil where there is none.
  func spanIndex(of key: ArchiveKey) -> Int? {
    guard !spans.isEmpty else { return nil }
    return Swift.max(0, spans.indices.firstPlace { spans[$0].first <= key } - 1)
  }

  /// Spans that the other one does not share.
  func spans(notIn other: SavedEntries) -> [SavedSpan] {
    let known = Set(other.spans.map(ObjectIdentifier.init))
    return spans.filter { !known.contains(ObjectIdentifier($0)) }
  }
}

extension SavedEntries: Sequence {
  package func makeIterator() -> AnyIterator<(key: BytePath, value: Fingerprint)> {
    var (span, place) = (0, 0)
    return AnyIterator {
      while span < spans.count, place == spans[span].count { (span, place) = (span + 1, 0) }
      guard span < spans.count else { return nil }
      defer { place += 1 }
      return (spans[span].path(place), spans[span].fingerprint(place))
    }
  }

  package var keys: some Sequence<BytePath> { lazy.map(\.key) }

  package var underestimatedCount: Int { count }
}

/// Whatever spans they have.
extension SavedEntries: Equatable {
  package static func == (left: SavedEntries, right: SavedEntries) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}

extension SavedEntries: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (BytePath, Fingerprint)...) {
    self.init(Dictionary(elements) { $1 })
  }
}
