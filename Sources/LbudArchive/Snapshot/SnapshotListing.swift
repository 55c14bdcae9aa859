import Crypto
import LbudCore

/// All entries of a snapshot in their order, read and checked to the last byte before anything of them is written anywhere.
///
/// What is read a second time, for its content, is compared with what was read first: a medium may give other bytes then.
package struct SnapshotListing: Sendable {
  package struct Item: Hashable, Sendable {
    package var member: Member
    /// Of a file's content.
    package var digest: ContentDigest?
    /// The place of the item that has the content, mode and owner: its own, but for a hard link.
    package var origin: Int
  }

  /// What was read a second time is not what was read first.
  package struct Difference: Error, Equatable, CustomStringConvertible {
    /// Nil where it cannot be told which entry is another one.
    package var path: BytePath?
    package var description: String {
      (path.map { "\($0.display): " } ?? "") + "read a second time, it is not what it was a moment ago"
    }
  }

  package private(set) var items: [Item] = []
  package private(set) var record: SnapshotRecord?
  /// Where each path is among the items: of two of one name the later counts, as when the archive is unpacked.
  package private(set) var places: [BytePath: Int] = [:]
  /// The content of the files that were to be kept.
  package private(set) var kept: [BytePath: [UInt8]] = [:]
  private var tarDigest: ContentDigest

  /// Bytes of a file whose content is kept.
  private static let longestKept: UInt64 = 1 << 20
  /// The same of all of them, those that a later entry of the name replaces included.
  private static let longestKeptTogether = 4 << 20

  /// Reads a whole snapshot: gzip's own checks, each header, whether each entry may be written at all, and the tar's hash
  /// against the record.
  /// - Parameters:
  ///   - fileSize: in bytes.
  ///   - keeps: whether a file's content is kept, which is for a few small ones.
  ///   - readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  /// - Throws: as `SnapshotIndex.read`, and `Placement.Refusal`.
  package static func read(
    fileSize: UInt64, limits: SnapshotIndex.Limits = .init(), keeps: (BytePath) -> Bool = { _ in false },
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> SnapshotListing {
    let record = try SnapshotRecord.read(fileSize: fileSize, readAt: readAt)
    let tar = try HashedTar(readAt: readAt, record: record, isHashed: true)
    var reader = TarReader(refusingAbsoluteNames: true) { try tar.read(into: $0) }
    var items: [Item] = []
    var places: [BytePath: Int] = [:]
    var kept: [BytePath: [UInt8]] = [:]
    var placement = Placement()
    var count = MemberCount(limits: limits)
    var keptBytes = 0
    func keep(_ content: [UInt8]?, of path: BytePath) throws {
      kept[path] = content
      keptBytes += content?.count ?? 0
      guard keptBytes <= longestKeptTogether else { throw ArchiveError.keptTooLong(limit: longestKeptTogether) }
    }
    while let member = try reader.next() {
      try count.add(member)
      try placement.take(member)
      var item = Item(member: member, digest: nil, origin: items.count)
      switch member.body {
      case .file(let size) where size <= longestKept && keeps(member.path):
        let content = try reader.readWhole(size: size)
        item.digest = ContentDigest(SHA256.hash(data: content))
        try keep(content, of: member.path)
      case .file:
        item.digest = try reader.digest()
        kept[member.path] = nil
      case .hardLink(let target):
        guard let place = places[target] else { throw Difference(path: member.path) }
        item.origin = items[place].origin
        try keep(kept[target], of: member.path)
      default: break
      }
      places[member.path] = items.count
      items.append(item)
    }
    guard reader.hasEndMark else { throw ArchiveError.noEndMark(at: reader.position) }
    try tar.drain()
    try tar.expectWhole()
    return SnapshotListing(items: items, record: record, places: places, kept: kept, tarDigest: try tar.digest())
  }

  /// Reads it again, and hands over the content of some files.
  /// - Parameters:
  ///   - wanted: their places among the items.
  ///   - content: gets the place and what gives the content piece by piece, which it is to ask until there is no more.
  /// - Throws: `Difference` where it is not what was read first, which for all of it is known only at the end; as `read`, and
  ///   what `content` throws.
  package func reread(
    _ wanted: Set<Int>, readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int,
    content: (Int, (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Void
  ) throws {
    let tar = try HashedTar(readAt: readAt, record: nil, isHashed: true)
    var reader = TarReader(refusingAbsoluteNames: true) { try tar.read(into: $0) }
    var place = 0
    while let member = try reader.next() {
      guard place < items.count, items[place].member == member else { throw Difference(path: nil) }
      if wanted.contains(place) {
        var hash = SHA256()
        try content(place) { buffer in
          let count = try reader.read(into: buffer)
          hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          return count
        }
        guard ContentDigest(hash.finalize()) == items[place].digest else { throw Difference(path: member.path) }
      }
      place += 1
    }
    guard place == items.count else { throw Difference(path: nil) }
    try tar.drain()
    guard try tar.digest() == tarDigest else { throw Difference(path: nil) }
  }
}

extension SnapshotListing {
  /// What the snapshot says of each path.
  package var saved: [BytePath: SavedEntry] {
    places.mapValues { place in
      let item = items[place]
      // Both names are one file once unpacked, whatever the link's header says.
      let origin = items[item.origin]
      return SavedEntry(
        fingerprint: Fingerprint(
          content: origin.member.content(digest: origin.digest), mode: origin.member.mode, uid: origin.member.uid,
          gid: origin.member.gid),
        modificationTime: origin.member.modificationTime, origin: item.origin)
    }
  }
}
