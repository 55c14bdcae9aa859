/// Some entries of a snapshot that follow one another, packed: all names in one buffer, and no allocation an entry but for
/// what does not fit. It never changes, so that two snapshots share what is the same in both.
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

  package func path(_ place: Int) -> BytePath { BytePath(bytes: content.prefix + content.names[content.name(place)]) }

  package func fingerprint(_ place: Int) -> Fingerprint { content.fingerprint(place) }

  /// Seconds since 1970.
  package func modificationTime(_ place: Int) -> Int64 { content.modificationTime(place) }

  /// Where among the entries one is; nil where it is not.
  package func place(of key: ArchiveKey) -> Int? { content.place(of: key) }

  fileprivate struct Content {
    /// What all paths begin with.
    var prefix: [UInt8] = []
    /// Of each path what follows it, and a symlink's target.
    var names: [UInt8] = []
    /// Where in the buffer each of them ends.
    var ends: [UInt32] = []
    var records: [PackedEntry] = []
    /// Each once.
    var owners: [Owner] = []
    /// By its place, what no record can hold.
    var aside: [Int: Aside] = [:]
    var hasLinks = false

    struct Owner: Hashable {
      var uid: UInt32
      var gid: UInt32
    }

    struct Aside {
      var fingerprint: Fingerprint
      /// Seconds since 1970.
      var modificationTime: Int64
    }

    var count: Int { ends.count }

    func range(_ place: Int) -> Range<Int> {
      (place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])
    }

    func name(_ place: Int) -> Range<Int> {
      let range = range(place)
      return range.lowerBound..<range.upperBound - records[place].targetLength
    }

    func fingerprint(_ place: Int) -> Fingerprint {
      let record = records[place]
      if record.isAside, let other = aside[place] { return other.fingerprint }
      let owner = owners[Int(record.owner)]
      return record.fingerprint(uid: owner.uid, gid: owner.gid) {
        Array(names[name(place).upperBound..<range(place).upperBound])
      }
    }

    func modificationTime(_ place: Int) -> Int64 {
      if records[place].isAside, let other = aside[place] { return other.modificationTime }
      return records[place].modificationTime
    }

    func place(of key: ArchiveKey) -> Int? {
      guard key.path.bytes.starts(with: prefix) else { return nil }
      return key.path.bytes.withUnsafeBytes { bytes in
        let name = UnsafeRawBufferPointer(rebasing: bytes[prefix.count...])
        return names.withUnsafeBytes { names in
          func order(_ place: Int) -> Int { byteOrder(UnsafeRawBufferPointer(rebasing: names[self.name(place)]), name) }
          let place = (0..<count).firstPlace {
            let isLast = isLast($0)
            return isLast == key.isLast ? order($0) < 0 : key.isLast
          }
          return place < count && isLast(place) == key.isLast && order(place) == 0 ? place : nil
        }
      }
    }

    private func isLast(_ place: Int) -> Bool {
      (records[place].kind ?? fingerprint(place).kind) != .directory && !prefix.contains(BytePath.separator)
        && !names[name(place)].contains(BytePath.separator)
    }
  }

  /// Takes entries one after another, in the archive's order.
  package struct Builder {
    private var content = Content()
    private var first: ArchiveKey?
    private var ownerPlaces: [Content.Owner: UInt16] = [:]

    package init() {}

    package var count: Int { content.count }
    /// Whether what comes next may have no room: a name's end is kept in 32 bits, an owner's place in 16.
    var isFull: Bool { content.names.count > 1 << 30 || content.owners.count >= 1 << 16 }

    package mutating func add(_ path: BytePath, _ fingerprint: Fingerprint, modificationTime: Int64, isLinked: Bool) {
      if first == nil { first = ArchiveKey(path, fingerprint.kind) }
      content.names += path.bytes
      let owner = place(of: Content.Owner(uid: fingerprint.uid, gid: fingerprint.gid))
      if let owner, let record = PackedEntry(fingerprint, modificationTime: modificationTime, owner: owner) {
        content.records.append(record)
        if case .symlink(let target) = fingerprint.content { content.names += target }
      } else {
        content.aside[content.records.count] = .init(fingerprint: fingerprint, modificationTime: modificationTime)
        content.records.append(.aside)
      }
      content.ends.append(UInt32(content.names.count))
      content.hasLinks = content.hasLinks || isLinked
    }

    /// Nil where there are too many others.
    private mutating func place(of owner: Content.Owner) -> UInt16? {
      if let place = ownerPlaces[owner] { return place }
      guard let place = UInt16(exactly: content.owners.count) else { return nil }
      content.owners.append(owner)
      ownerPlaces[owner] = place
      return place
    }

    /// One of the entries shares its inode with another one.
    mutating func link() { content.hasLinks = true }

    /// What has been added of an entry since the last `take`.
    func fingerprint(of key: ArchiveKey) -> Fingerprint? { content.place(of: key).map { content.fingerprint($0) } }

    /// - Returns: what was added since the last call; nil where nothing was.
    package mutating func take() -> SavedSpan? {
      guard let first else { return nil }
      self.first = nil
      ownerPlaces = [:]
      var taken = Content()
      swap(&taken, &content)
      Self.shorten(&taken)
      taken.ends = Self.fitted(taken.ends)
      taken.records = Self.fitted(taken.records)
      taken.owners = Self.fitted(taken.owners)
      return SavedSpan(taken, first: first)
    }

    /// Takes what all paths begin with out of the names.
    private static func shorten(_ content: inout Content) {
      let paths = content.names
      var prefix = paths[content.name(0)]
      for place in 1..<content.count {
        prefix = prefix.prefix(zip(prefix, paths[content.name(place)]).prefix { $0 == $1 }.count)
      }
      content.prefix = Array(prefix)
      content.names = []
      content.names.reserveCapacity(paths.count - content.count * prefix.count)
      for place in 0..<content.count {
        content.names += paths[content.range(place)].dropFirst(prefix.count)
      }
      for place in 0..<content.count { content.ends[place] -= UInt32(prefix.count * (place + 1)) }
    }

    /// Without the room that an array has to grow.
    private static func fitted<Element>(_ array: [Element]) -> [Element] {
      array.withUnsafeBufferPointer { Array($0) }
    }
  }
}
