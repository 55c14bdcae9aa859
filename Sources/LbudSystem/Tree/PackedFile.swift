import LbudCore

/// What a `FileTable` has of a file, in 80 bytes: the device is that of the table, the size is kept once, a time takes 64
/// bits, and all that is small shares one word with the place of the name.
struct PackedFile {
  /// The digest of a file that has one; of a symlink the length of its target; of a device its two numbers.
  private let content: (UInt64, UInt64, UInt64, UInt64)
  private let inode: UInt64
  private let size: UInt64
  private let modified: UInt64
  private let changed: UInt64
  private let uid: UInt32
  private let gid: UInt32
  /// The place above, the flags below.
  private var word: UInt64

  /// Bits of `word`; 40 are left for the place.
  private enum Bit {
    static let kind: UInt64 = 12
    static let hasDigest: UInt64 = 15
    static let reason: UInt64 = 16
    static let isSettled: UInt64 = 20
    static let isLinked: UInt64 = 21
    static let isAside: UInt64 = 22
    static let place: UInt64 = 24
  }

  /// Nil for what does not fit: of another device, or of a time that is centuries off.
  init?(_ file: KnownFile, device: UInt64) {
    let (signature, fingerprint) = (file.signature, file.fingerprint)
    guard signature.identity.device == device, fingerprint.mode <= 0o7777,
      let modified = Self.pack(signature.modified), let changed = Self.pack(signature.changed)
    else { return nil }
    var flags = UInt64(fingerprint.mode) | UInt64(fingerprint.kind.rawValue) << Bit.kind
    switch fingerprint.content {
    case .file(let size, let digest):
      guard size == signature.size else { return nil }
      if digest != nil { flags |= 1 << Bit.hasDigest }
      content = digest?.words ?? (0, 0, 0, 0)
    case .symlink(let target): content = (UInt64(target.count), 0, 0, 0)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      content = (UInt64(major), UInt64(minor), 0, 0)
    case .fifo, .socket: content = (0, 0, 0, 0)
    case .directory: return nil
    }
    if let reason = file.reason { flags |= (UInt64(reason.rawValue) + 1) << Bit.reason }
    if file.isSettled { flags |= 1 << Bit.isSettled }
    if file.isLinked { flags |= 1 << Bit.isLinked }
    inode = signature.identity.inode
    size = signature.size
    (self.modified, self.changed) = (modified, changed)
    (uid, gid) = (fingerprint.uid, fingerprint.gid)
    word = flags
  }

  private init(flags: UInt64) {
    content = (0, 0, 0, 0)
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
  var targetLength: Int { kind == .symlink && !isAside ? Int(content.0) : 0 }

  func signature(device: UInt64) -> FileStatus.Signature {
    .init(
      identity: FileIdentity(device: device, inode: inode), size: size, modified: Self.time(modified),
      changed: Self.time(changed))
  }

  func file(device: UInt64, target: () -> [UInt8]) -> KnownFile {
    let body: Fingerprint.Content
    switch kind {
    case .file: body = .file(size: size, digest: isSet(Bit.hasDigest) ? ContentDigest(words: content) : nil)
    case .symlink: body = .symlink(target: target())
    case .characterDevice:
      body = .characterDevice(
        major: UInt32(truncatingIfNeeded: content.0), minor: UInt32(truncatingIfNeeded: content.1))
    case .blockDevice:
      body = .blockDevice(
        major: UInt32(truncatingIfNeeded: content.0), minor: UInt32(truncatingIfNeeded: content.1))
    case .fifo: body = .fifo
    case .socket: body = .socket
    case .directory: body = .directory
    }
    let reason = UInt8(truncatingIfNeeded: word >> Bit.reason & 15)
    return KnownFile(
      signature: signature(device: device),
      fingerprint: Fingerprint(content: body, mode: UInt16(truncatingIfNeeded: word & 0o7777), uid: uid, gid: gid),
      reason: reason == 0 ? nil : Reason(rawValue: reason - 1), isSettled: isSettled, isLinked: isSet(Bit.isLinked))
  }

  /// Only what `init` has put there is ever read.
  private var kind: FileKind { FileKind(rawValue: UInt8(truncatingIfNeeded: word >> Bit.kind & 7)) ?? .file }

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
