import LbudCore

/// Entries that follow one another in the archive, packed: of each path only what differs from the one before.
///
/// A first commit of sixty thousand files has all of them in memory while it builds up what it has saved.
package struct EntryList: Sendable {
  /// Of each entry a byte for kind and reason, how many bytes its path shares with the one before, how many follow, and
  /// these.
  private var packed: [UInt8] = []
  private var last = BytePath.root
  package private(set) var count = 0

  package init() {}

  /// - Parameter entries: in any order; in the archive's they take the least room.
  package init(_ entries: some Sequence<SelectedEntry>) {
    for entry in entries { append(entry) }
  }

  package mutating func append(_ entry: SelectedEntry) {
    let bytes = entry.path.bytes
    let shared = zip(last.bytes, bytes).prefix { $0 == $1 }.count
    packed.append(entry.kind.rawValue << 4 | entry.reason.rawValue)
    append(number: shared)
    append(number: bytes.count - shared)
    packed += bytes[shared...]
    last = entry.path
    count += 1
  }

  /// Seven bits a byte, the lowest first; the highest bit says that more follow.
  private mutating func append(number: Int) {
    var rest = number
    while rest > 0x7F {
      packed.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    packed.append(UInt8(rest))
  }
}

extension EntryList: Sequence {
  package struct Iterator: IteratorProtocol {
    fileprivate let packed: [UInt8]
    private var place = 0
    private var path: [UInt8] = []

    fileprivate init(packed: [UInt8]) { self.packed = packed }

    package mutating func next() -> SelectedEntry? {
      guard place < packed.count else { return nil }
      let head = packed[place]
      place += 1
      let (shared, count) = (number(), number())
      path.removeSubrange(shared...)
      path += packed[place..<place + count]
      place += count
      guard let kind = FileKind(rawValue: head >> 4), let reason = Reason(rawValue: head & 0xF) else { return nil }
      return SelectedEntry(BytePath(bytes: path), kind, reason)
    }

    private mutating func number() -> Int {
      var (number, shift) = (0, 0)
      while true {
        let byte = packed[place]
        place += 1
        number |= Int(byte & 0x7F) << shift
        guard byte > 0x7F else { return number }
        shift += 7
      }
    }
  }

  package func makeIterator() -> Iterator { Iterator(packed: packed) }

  package var underestimatedCount: Int { count }
}
