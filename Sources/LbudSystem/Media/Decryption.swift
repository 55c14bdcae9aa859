import Crypto
import LbudArchive
import LbudCore
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Opens snapshots whether they are encrypted or not, which their names say.
final class Decryption: Sendable {
  let password: Secret?
  /// Decrypting takes long; for the record alone, the same file is decrypted once.
  private let records = Mutex<[Seal: SnapshotRecord?]>([:])

  init(password: Secret?) { self.password = password }

  /// Whether there is all that it takes to read a file of that name.
  func canOpen(_ name: [UInt8]) -> Bool { password != nil || SnapshotName.cipher(of: name) == nil }

  /// The gzip file: the one that is given, or where its name has a cipher what it decrypts to, in memory.
  /// - Throws: `StoreError`: `isPasswordMissing`, or `isDamage` where it cannot be decrypted; `FileError`.
  func plain(_ file: consuming Descriptor, named name: [UInt8], path: String) throws -> Descriptor {
    guard let cipher = SnapshotName.cipher(of: name) else { return file }
    let status = try file.status(path: path)
    guard status.kind == .file else { throw FileError("read", path, code: status.kind == .directory ? EISDIR : EINVAL) }
    return try decrypted(file, with: OpenSSL(cipher: cipher), path: path)
  }

  /// - Throws: as `plain`.
  func decrypted(_ file: borrowing Descriptor, with openssl: OpenSSL, path: String) throws -> Descriptor {
    guard let password else { throw StoreError.passwordMissing(openssl.cipher) }
    let size = try file.status(path: path).size
    let plain = try MemoryFile.make()
    if let why = try openssl.decrypt(file.raw, to: plain.raw, size: size, with: password) {
      throw StoreError.undecryptable(path, why)
    }
    // Without a padding nothing tells a wrong password but the nonsense that comes of it.
    guard try Self.isGzip(plain) else { throw StoreError.undecryptable(path, "\(ArchiveError.notGzip)") }
    return plain
  }

  /// By its first bytes.
  /// - Throws: `FileError`.
  static func isGzip(_ file: borrowing Descriptor, path: String = MemoryFile.path) throws(FileError) -> Bool {
    let start = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 2)
    defer { start.deallocate() }
    return try file.read(at: 0, into: start, path: path) == 2 && start[0] == 0x1f && start[1] == 0x8b
  }

  // MARK: The record alone

  /// - Throws: as `plain`, and `ArchiveError`.
  func record(_ file: consuming Descriptor, named name: [UInt8], path: String) throws -> SnapshotRecord? {
    guard SnapshotName.cipher(of: name) != nil, let seal = try Seal.read(file, path: path) else {
      return try SnapshotStore.record(of: try plain(file, named: name, path: path), path: path)
    }
    if let known = records.withLock({ $0[seal] }) { return known }
    let record = try SnapshotStore.record(of: try plain(file, named: name, path: path), path: path)
    remember(record, of: seal)
    return record
  }

  /// - Parameter seal: as it was read.
  func remember(_ record: SnapshotRecord?, of seal: Seal) {
    records.withLock { records in
      // A medium has a few, which a history asks for one after the other; those of many media are no use.
      if records.count >= 512 { records = [:] }
      records[seal] = .some(record)
    }
  }

  // MARK: Comparing

  /// The SHA-256 of a whole file.
  /// - Throws: `FileError`.
  static func digest(of file: borrowing Descriptor, path: String) throws(FileError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
    defer { buffer.deallocate() }
    var hash = SHA256()
    var offset: UInt64 = 0
    while true {
      let count = try file.read(at: offset, into: buffer, path: path)
      if count == 0 { return Array(hash.finalize()) }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += UInt64(count)
    }
  }
}
