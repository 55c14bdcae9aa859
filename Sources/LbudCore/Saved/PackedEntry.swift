/// What a `SavedSpan` has of an entry, in 48 bytes: who owns it is kept once for all that have the same owner, and all that
/// is small shares two words.
struct PackedEntry {
  /// The digest of a file that has one; of a symlink the length of its target; of a device its two numbers.
  private let content: (UInt64, UInt64, UInt64, UInt64)
  /// From below: mode, kind, whether there is a digest, size.
  private let word: UInt64
  /// The owner's place among those of the span, and above it the time.
  private let stamp: UInt64

  private enum Bit {
    static let kind: UInt64 = 12
    static let hasDigest: UInt64 = 15
    static let size: UInt64 = 16
    static let time: UInt64 = 16
  }

  /// No kind of an entry.
  private static let asideKind: UInt64 = 7

  /// Nil for what does not fit: a size or a time beyond all measure.
  init?(_ fingerprint: Fingerprint, modificationTime: Int64, owner: UInt16) {
    var flags = UInt64(fingerprint.mode) | UInt64(fingerprint.kind.rawValue) << Bit.kind
    guard fingerprint.mode <= 0o7777, (modificationTime << Bit.time) >> Bit.time == modificationTime else { return nil }
    switch fingerprint.content {
    case .file(let size, let digest):
      guard size < 1 << (64 - Bit.size) else { return nil }
      flags |= size << Bit.size
      if digest != nil { flags |= 1 << Bit.hasDigest }
      content = digest?.words ?? (0, 0, 0, 0)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      content = (UInt64(major), UInt64(minor), 0, 0)
    case .directory, .fifo, .socket: content = (0, 0, 0, 0)
    case .symlink(let target): content = (UInt64(target.count), 0, 0, 0)
    }
    word = flags
    stamp = UInt64(bitPattern: modificationTime << Bit.time) | UInt64(owner)
  }

  private init() {
    content = (0, 0, 0, 0)
    (word, stamp) = (Self.asideKind << Bit.kind, 0)
  }

  /// Stands for an entry that is kept elsewhere.
  static let aside = PackedEntry()

  var isAside: Bool { word >> Bit.kind & 7 == Self.asideKind }

  var owner: UInt16 { UInt16(truncatingIfNeeded: stamp) }

  /// Seconds since 1970.
  var modificationTime: Int64 { Int64(bitPattern: stamp) >> Bit.time }

  /// Nil for one that is kept elsewhere.
  var kind: FileKind? { FileKind(rawValue: UInt8(truncatingIfNeeded: word >> Bit.kind & 7)) }

  /// Bytes of the symlink's target, which stands behind the name; 0 for anything else.
  var targetLength: Int { kind == .symlink ? Int(content.0) : 0 }

  func fingerprint(uid: UInt32, gid: UInt32, target: () -> [UInt8]) -> Fingerprint {
    let body: Fingerprint.Content
    let (major, minor) = (UInt32(truncatingIfNeeded: content.0), UInt32(truncatingIfNeeded: content.1))
    switch kind {
    case .directory: body = .directory
    case .symlink: body = .symlink(target: target())
    case .fifo: body = .fifo
    case .socket: body = .socket
    case .characterDevice: body = .characterDevice(major: major, minor: minor)
    case .blockDevice: body = .blockDevice(major: major, minor: minor)
    case .file, nil:
      let hasDigest = word >> Bit.hasDigest & 1 == 1
      body = .file(size: word >> Bit.size, digest: hasDigest ? ContentDigest(words: content) : nil)
    }
    return Fingerprint(content: body, mode: UInt16(truncatingIfNeeded: word & 0o7777), uid: uid, gid: gid)
  }
}
