import LbudCore

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

extension Instant {
  /// A moment on the fake clock. Nothing in these tests sleeps: time is what a test says it is.
  static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
}

extension ContentDigest {
  /// A digest made of one byte: telling two contents apart is all that these tests need of it.
  static func of(_ byte: UInt8) -> ContentDigest? { ContentDigest([UInt8](repeating: byte, count: 32)) }
}

extension Fingerprint {
  static func file(
    _ content: UInt8, size: UInt64 = 10, mode: UInt16 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0
  ) -> Fingerprint {
    Fingerprint(content: .file(size: size, digest: .of(content)), mode: mode, uid: uid, gid: gid)
  }

  static func unread(size: UInt64 = 10) -> Fingerprint {
    Fingerprint(content: .file(size: size, digest: nil), mode: 0o644, uid: 0, gid: 0)
  }

  static func symlink(_ target: String) -> Fingerprint {
    Fingerprint(content: .symlink(target: target.bytes), mode: 0o777, uid: 0, gid: 0)
  }

  static let directory = Fingerprint(content: .directory, mode: 0o755, uid: 0, gid: 0)
}
