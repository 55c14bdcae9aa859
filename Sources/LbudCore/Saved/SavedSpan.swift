/// Some entries of a snapshot that follow one another, packed: all names in one buffer, and no allocation an entry but for
/// what a symlink leads to. It never changes, so that two snapshots share what is the same in both.
package final class SavedSpan: Sendable {
  private let content: Content
  /// Where the first one stands.
  package let first: ArchiveKey

  fileprivate init(_ content: Content, first: ArchiveKey) {
    self.content = content
    self.first = first
  }

  package var count: Int { content.count }

  /// Whether one of the entries shares its inode with another one.
  package var hasLinks: Bool { content.hasLinks }

  /// The same, of which one entry is known to share its inode.
  func linked() -> SavedSpan {
    var content = content
    content.hasLinks = true
    return SavedSpan(content, first: first)
  }

  /// Where the last one stands.
  var last: ArchiveKey { count == 0 ? first : ArchiveKey(path(count - 1), fingerprint(count - 1).kind) }

  package func path(_ place: Int) -> BytePath { BytePath(bytes: Array(content.names[content.range(place)])) }

  package func fingerprint(_ place: Int) -> Fingerprint { content.fingerprints[place] }

  /// Seconds since 1970.
  package func modificationTime(_ place: Int) -> Int64 { content.times[place] }

  /// Where among the entries one is; nil where it is not.
  package func place(of key: ArchiveKey) -> Int? { content.place(of: key) }

  fileprivate struct Content {
    var names: [UInt8] = []
    /// Where in the buffer each name ends.
    var ends: [UInt32] = []
    var fingerprints: [Fingerprint] = []
    var times: [Int64] = []
    var hasLinks = false

    var count: Int { ends.count }

    func range(_ place: Int) -> Range<Int> {
      (place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])
    }

    func place(of key: ArchiveKey) -> Int? {
      let place = (0..<count).firstPlace { isBefore($0, key) }
      guard place < count, isLast(place) == key.isLast, names[range(place)].elementsEqual(key.path.bytes) else {
        return nil
      }
      return place
    }

    private func isLast(_ place: Int) -> Bool {
      fingerprints[place].kind != .directory && !names[range(place)].contains(BytePath.separator)
    }

    private func isBefore(_ place: Int, _ key: ArchiveKey) -> Bool {
      let isLast = isLast(place)
      guard isLast == key.isLast else { return key.isLast }
      return names.withUnsafeBytes { names in
        key.path.bytes.withUnsafeBytes {
          byteOrder(UnsafeRawBufferPointer(rebasing: names[range(place)]), $0) < 0
        }
      }
    }
  }

  /// Takes entries one after another, in the archive's order.
  package struct Builder {
    private var content = Content()
    private var first: ArchiveKey?

    package init() {}

    package var count: Int { content.count }
    /// Bytes of names so far.
    var nameBytes: Int { content.names.count }

    package mutating func add(_ path: BytePath, _ fingerprint: Fingerprint, modificationTime: Int64, isLinked: Bool) {
      if first == nil { first = ArchiveKey(path, fingerprint.kind) }
      content.names += path.bytes
      content.ends.append(UInt32(content.names.count))
      content.fingerprints.append(fingerprint)
      content.times.append(modificationTime)
      content.hasLinks = content.hasLinks || isLinked
    }

    /// One of the entries shares its inode with another one.
    mutating func link() { content.hasLinks = true }

    /// What has been added of an entry since the last `take`.
    func fingerprint(of key: ArchiveKey) -> Fingerprint? { content.place(of: key).map { content.fingerprints[$0] } }

    /// - Returns: what was added since the last call; nil where nothing was.
    package mutating func take() -> SavedSpan? {
      guard let first else { return nil }
      self.first = nil
      var taken = Content()
      swap(&taken, &content)
      taken.names = Self.fitted(taken.names)
      taken.ends = Self.fitted(taken.ends)
      taken.fingerprints = Self.fitted(taken.fingerprints)
      taken.times = Self.fitted(taken.times)
      return SavedSpan(taken, first: first)
    }

    /// Without the room that an array has to grow.
    private static func fitted<Element>(_ array: [Element]) -> [Element] {
      array.withUnsafeBufferPointer { Array($0) }
    }
  }
}
