/// Takes the entries of a snapshot as they come.
///
/// What lbud has written comes in the archive's order, and is packed at once. Anything else (lbu's order, an entry that
/// replaces an earlier one) is collected first.
package struct SavedEntriesBuilder {
  private var spans: [SavedSpan] = []
  private var builder = SavedSpan.Builder()
  private var last: ArchiveKey?
  private var unordered: [BytePath: (fingerprint: Fingerprint, modificationTime: Int64)]?
  /// Whether each span ends where `endSpan` said so.
  private var isAligned = true

  package init() {}

  /// A later entry of the same path counts instead of an earlier one.
  /// - Parameters:
  ///   - modificationTime: seconds since 1970.
  ///   - isLinked: whether it shares its inode with another entry.
  package mutating func add(
    _ path: BytePath, _ fingerprint: Fingerprint, modificationTime: Int64, isLinked: Bool = false
  ) {
    let key = ArchiveKey(path, fingerprint.kind)
    if unordered == nil, let last, key <= last || (key.isLast && self[path] != nil) { unordered = collected() }
    last = key
    guard unordered == nil else {
      unordered?[path] = (fingerprint, modificationTime)
      return
    }
    builder.add(path, fingerprint, modificationTime: modificationTime, isLinked: isLinked)
    if builder.isFull { misalign() }
  }

  /// What comes next shares its inode with an earlier entry. That one's span is not to be made anew alone either: the archive
  /// has the content there.
  package mutating func link(to target: BytePath) {
    guard unordered == nil else { return }
    for key in ArchiveKey.all(of: target) {
      if builder.fingerprint(of: key) != nil { builder.link() }
      if let place = SavedEntries(spans: spans, isAligned: false).spanIndex(of: key), spans[place].place(of: key) != nil
      {
        spans[place] = spans[place].linked()
      }
    }
  }

  /// Takes a span over as it is; what was added before it is one that has ended.
  package mutating func append(_ span: SavedSpan) {
    let isOrdered = unordered == nil && builder.count == 0 && (last.map { $0 < span.first } ?? true)
    if !isOrdered, unordered == nil { unordered = collected() }
    guard unordered == nil else {
      for place in 0..<span.count {
        unordered?[span.path(place)] = (span.fingerprint(place), span.modificationTime(place))
      }
      return
    }
    spans.append(span)
    last = span.last
  }

  /// The entries so far are one span of the file.
  package mutating func endSpan() {
    guard unordered == nil else { return }
    guard let span = builder.take() else { return misalign() }
    spans.append(span)
  }

  /// How the entries lie in the file is not known.
  package mutating func misalign() {
    isAligned = false
    if let span = builder.take() { spans.append(span) }
  }

  /// What has been added of a path so far.
  package subscript(path: BytePath) -> Fingerprint? {
    if let unordered { return unordered[path]?.fingerprint }
    return SavedEntries(spans: spans, isAligned: false)[path]
      ?? ArchiveKey.all(of: path).lazy.compactMap { [builder] in builder.fingerprint(of: $0) }.first
  }

  package consuming func finish() -> SavedEntries {
    if let unordered { return SavedEntries(unordered: unordered) }
    if builder.count > 0 { isAligned = false }
    if let span = builder.take() { spans.append(span) }
    return SavedEntries(spans: spans, isAligned: isAligned && !spans.isEmpty)
  }

  private mutating func collected() -> [BytePath: (fingerprint: Fingerprint, modificationTime: Int64)] {
    if let span = builder.take() { spans.append(span) }
    var entries: [BytePath: (fingerprint: Fingerprint, modificationTime: Int64)] = [:]
    for span in spans {
      for place in 0..<span.count {
        entries[span.path(place)] = (span.fingerprint(place), span.modificationTime(place))
      }
    }
    spans = []
    return entries
  }
}
