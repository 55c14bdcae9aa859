import Crypto
import LbudCore

/// What tells an encrypted snapshot from every other without decrypting it: its size, the random salt at its beginning
/// and what it ends with; and whether a password is the one that it was decrypted with, which is not kept for that.
package struct Seal: Hashable, Sendable {
  /// What `openssl enc -salt` begins a file with, before 8 bytes of salt (enc(1)).
  static let magic = Array("Salted__".utf8)

  /// With that salt.
  static let headerSize = 16

  let size: UInt64
  let ends: [UInt8]
  private(set) var key: [UInt8]?

  /// Of an open file; nil where that is not encrypted.
  /// - Throws: `FileError`.
  static func read(_ file: borrowing Descriptor, path: @autoclosure () -> String) throws(FileError) -> Seal? {
    let size = try file.status(path: path()).size
    let (start, end) = (bytes(headerSize), bytes(32))
    defer {
      start.deallocate()
      end.deallocate()
    }
    guard try file.read(at: 0, into: start, path: path()) == start.count, start.starts(with: magic) else { return nil }
    let count = try file.read(at: size - min(size, UInt64(end.count)), into: end, path: path())
    return Seal(size: size, ends: Array(start) + Array(end[..<count]))
  }

  private static func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    .allocate(byteCount: count, alignment: 16)
  }

  private init(size: UInt64, ends: [UInt8]) {
    self.size = size
    self.ends = ends
  }

  /// The same with the password that it was decrypted with.
  func opened(by password: Secret) -> Seal {
    var seal = self
    seal.key = key(for: password)
    return seal
  }

  /// Whether it is the file that was decrypted before: with this password, where there is one.
  func isKnown(as opened: Seal, password: Secret?) -> Bool {
    size == opened.size && ends == opened.ends && (password.map { opened.key == key(for: $0) } ?? (opened.key != nil))
  }

  /// Salted, so that of two files nobody can tell whether they have one password.
  private func key(for password: Secret) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: ends)
    hash.update(data: password.bytes)
    return Array(hash.finalize())
  }
}
