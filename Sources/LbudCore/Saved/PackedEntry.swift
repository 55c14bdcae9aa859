/// What a `SavedSpan` has of an entry, in 48 bytes: who owns it is kept once for all that have the same owner, and all that
/// is small shares two words.
struct PackedEntry {
  private let words: (UInt64, UInt64, UInt64, UInt64)
  /// The bits of `PackedContent`, and above them a file's size.
  private let word: UInt64
  /// The owner's place among those of the span, and above it the time.
  private let stamp: UInt64

  /// Bits that each of the two gives to what is below.
  private static let below: UInt64 = 16

  /// Nil for what does not fit: a size or a time beyond all measure.
  init?(_ fingerprint: Fingerprint, modificationTime: Int64, owner: UInt16) {
    var size: UInt64 = 0
    if case .file(let known, _) = fingerprint.content { size = known }
    guard let content = PackedContent(fingerprint), size < 1 << (64 - Self.below),
      (modificationTime << Self.below) >> Self.below == modificationTime
    else { return nil }
    self.init(content, size: size, stamp: UInt64(bitPattern: modificationTime << Self.below) | UInt64(owner))
  }

  private init(_ content: PackedContent, size: UInt64, stamp: UInt64) {
    words = content.words
    word = size << Self.below | UInt64(content.bits)
    self.stamp = stamp
  }

  /// Stands for an entry that is kept elsewhere.
  static let aside = PackedEntry(.aside, size: 0, stamp: 0)

  private var content: PackedContent { PackedContent(words: words, bits: UInt16(truncatingIfNeeded: word)) }

  var isAside: Bool { kind == nil }

  /// Nil for one that is kept elsewhere.
  var kind: FileKind? { content.kind }

  /// Bytes of the symlink's target, which stands behind the name; 0 for anything else.
  var targetLength: Int { content.targetLength }

  var owner: UInt16 { UInt16(truncatingIfNeeded: stamp) }

  /// Seconds since 1970.
  var modificationTime: Int64 { Int64(bitPattern: stamp) >> Self.below }

  func fingerprint(uid: UInt32, gid: UInt32, target: () -> [UInt8]) -> Fingerprint {
    content.fingerprint(size: word >> Self.below, uid: uid, gid: gid, target: target)
  }
}
