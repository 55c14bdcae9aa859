/// A fingerprint without its owner and a file's size: 32 bytes, and 16 bits that fit into a word beside other things.
///
/// Whoever keeps many of them keeps both apart, as it has room for them.
package struct PackedContent {
  /// The digest of a file that has one; of a symlink the length of its target; of a device its two numbers.
  package let words: (UInt64, UInt64, UInt64, UInt64)
  /// From below: the mode, the kind, whether there is a digest.
  package let bits: UInt16

  private enum Bit {
    static let kind: UInt16 = 12
    static let hasDigest: UInt16 = 15
  }

  /// No kind of an entry.
  private static let noKind: UInt16 = 7

  /// Nil for a mode that is more than permission bits.
  package init?(_ fingerprint: Fingerprint) {
    guard fingerprint.mode <= 0o7777 else { return nil }
    var bits = fingerprint.mode | UInt16(fingerprint.kind.rawValue) << Bit.kind
    switch fingerprint.content {
    case .file(_, let digest):
      if digest != nil { bits |= 1 << Bit.hasDigest }
      words = digest?.words ?? (0, 0, 0, 0)
    case .symlink(let target): words = (UInt64(target.count), 0, 0, 0)
    case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
      words = (UInt64(major), UInt64(minor), 0, 0)
    case .directory, .fifo, .socket: words = (0, 0, 0, 0)
    }
    self.bits = bits
  }

  /// What `init` has made of one before.
  package init(words: (UInt64, UInt64, UInt64, UInt64), bits: UInt16) {
    self.words = words
    self.bits = bits
  }

  /// Stands for what is kept elsewhere.
  package static let aside = PackedContent(words: (0, 0, 0, 0), bits: noKind << Bit.kind)

  /// Nil for what is kept elsewhere.
  package var kind: FileKind? { FileKind(rawValue: UInt8(truncatingIfNeeded: bits >> Bit.kind & 7)) }

  /// Bytes of a symlink's target, which whoever keeps it has elsewhere; 0 for anything else.
  package var targetLength: Int { kind == .symlink ? Int(words.0) : 0 }

  /// - Parameters:
  ///   - size: a file's.
  ///   - target: a symlink's.
  package func fingerprint(size: UInt64, uid: UInt32, gid: UInt32, target: () -> [UInt8]) -> Fingerprint {
    let content: Fingerprint.Content
    let (major, minor) = (UInt32(truncatingIfNeeded: words.0), UInt32(truncatingIfNeeded: words.1))
    switch kind {
    case .directory: content = .directory
    case .symlink: content = .symlink(target: target())
    case .fifo: content = .fifo
    case .socket: content = .socket
    case .characterDevice: content = .characterDevice(major: major, minor: minor)
    case .blockDevice: content = .blockDevice(major: major, minor: minor)
    case .file, nil:
      let hasDigest = bits >> Bit.hasDigest & 1 == 1
      content = .file(size: size, digest: hasDigest ? ContentDigest(words: words) : nil)
    }
    return Fingerprint(content: content, mode: bits & 0o7777, uid: uid, gid: gid)
  }
}
