import LbudCore

/// What a `FileTable` has of a file, in 80 bytes: the device is that of the table, the size is kept once, a time takes 64
/// bits, and all that is small shares one word with the place of the name.
struct PackedFile {
  private let words: (UInt64, UInt64, UInt64, UInt64)
  private let inode: UInt64
  private let size: UInt64
  private let modified: UInt64
  private let changed: UInt64
  private let uid: UInt32
  private let gid: UInt32
  /// From below: the bits of `PackedContent`, the flags, the place.
  private var word: UInt64

  /// Bits of `word`; 40 are left for the place.
  private enum Bit {
    static let reason: UInt64 = 16
    static let isSettled: UInt64 = 20
    static let isLinked: UInt64 = 21
    static let isAside: UInt64 = 22
    static let place: UInt64 = 24
  }

  /// Nil for what does not fit: of another device, or of a time that is centuries off.
  init?(_ file: KnownFile, device: UInt64) {
    let (signature, fingerprint) = (file.signature, file.fingerprint)
    guard signature.identity.device == device, let content = PackedContent(fingerprint), fingerprint.kind != .directory,
      let modified = Self.pack(signature.modified), let changed = Self.pack(signature.changed)
    else { return nil }
    if case .file(let size, _) = fingerprint.content, size != signature.size { return nil }
    var flags = UInt64(content.bits)
    if let reason = file.reason { flags |= (UInt64(reason.rawValue) + 1) << Bit.reason }
    if file.isSettled { flags |= 1 << Bit.isSettled }
    if file.isLinked { flags |= 1 << Bit.isLinked }
    words = content.words
    inode = signature.identity.inode
    size = signature.size
    (self.modified, self.changed) = (modified, changed)
    (uid, gid) = (fingerprint.uid, fingerprint.gid)
    word = flags
  }

  private init(flags: UInt64) {
    words = (0, 0, 0, 0)
    (inode, size, modified, changed) = (0, 0, 0, 0)
    (uid, gid) = (0, 0)
    word = flags
  }

  /// Stands for a file that is kept elsewhere.
  static let aside = PackedFile(flags: 1 << Bit.isAside)

  var isAside: Bool { isSet(Bit.isAside) }
  var isSettled: Bool { isSet(Bit.isSettled) }

  /// Where the name is among the names of the table.
  var place: Int {
    get { Int(word >> Bit.place) }
    set { word = word & (1 << Bit.place - 1) | UInt64(newValue) << Bit.place }
  }

  /// Bytes of the symlink's target, which stands behind the name; 0 for anything else.
  var targetLength: Int { isAside ? 0 : content.targetLength }

  func signature(device: UInt64) -> FileStatus.Signature {
    .init(
      identity: FileIdentity(device: device, inode: inode), size: size, modified: Self.time(modified),
      changed: Self.time(changed))
  }

  func file(device: UInt64, target: () -> [UInt8]) -> KnownFile {
    let reason = UInt8(truncatingIfNeeded: word >> Bit.reason & 15)
    return KnownFile(
      signature: signature(device: device),
      fingerprint: content.fingerprint(size: size, uid: uid, gid: gid, target: target),
      reason: reason == 0 ? nil : Reason(rawValue: reason - 1), isSettled: isSettled, isLinked: isSet(Bit.isLinked))
  }

  private var content: PackedContent { PackedContent(words: words, bits: UInt16(truncatingIfNeeded: word)) }

  private func isSet(_ bit: UInt64) -> Bool { word >> bit & 1 != 0 }

  // MARK: Times

  /// 34 bits of seconds are 272 years to either side of 1970; nanoseconds take 30.
  private static func pack(_ time: FileTime) -> UInt64? {
    guard -(1 << 33)..<(1 << 33) ~= time.seconds, 0..<(1 << 30) ~= time.nanoseconds else { return nil }
    return UInt64(bitPattern: time.seconds) << 30 | UInt64(time.nanoseconds)
  }

  private static func time(_ packed: UInt64) -> FileTime {
    // An arithmetic shift brings the sign back.
    FileTime(seconds: Int64(bitPattern: packed) >> 30, nanoseconds: Int64(packed & (1 << 30 - 1)))
  }
}
