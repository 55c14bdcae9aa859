import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Step 1 where the snapshot is encrypted: the archive is made in memory, so that it is nowhere in the clear.
extension Publisher {
  /// What is in the temporary file.
  struct Written {
    var built: SnapshotBuilder.Built
    /// The SHA-256 of the archive before it was encrypted; nil where it is not.
    var plainDigest: [UInt8]?
    var seal: Seal?
  }

  /// - Parameter build: writes the archive to the file it is given.
  /// - Throws: `StoreError`, `FileError`, `ArchiveError`.
  func write(
    _ temporary: NamedFile, _ build: (FileOutput) throws -> SnapshotBuilder.Built
  ) throws -> Written {
    guard let openssl, let password = store.decryption.password else {
      return Written(built: try build(FileOutput(raw: temporary.descriptor.raw, path: temporary.path)))
    }
    let plain = try MemoryFile.make()
    var written = Written(built: try build(FileOutput(raw: plain.raw, path: MemoryFile.path)))
    written.plainDigest = try Decryption.digest(of: plain, path: MemoryFile.path)
    let size = try plain.status(path: MemoryFile.path).size
    meter.reached(.encrypting)
    do throws(StoreError) {
      try openssl.encrypt(plain.raw, to: temporary.descriptor.raw, size: size, with: password)
    } catch {
      if error.description.contains("error writing output file") {
        try writeRest(temporary, to: size + OpenSSL.overhead)
      }
      throw error
    }
    // What openssl has left in a buffer, it may have lost without a word.
    guard try temporary.descriptor.status(path: temporary.path).size >= size + UInt64(Seal.headerSize),
      let seal = try Seal.read(temporary.descriptor, path: temporary.path)
    else { throw StoreError.mismatch(temporary.path, "openssl has not written all of it") }
    store.decryption.remember(written.built.record, of: seal)
    written.seal = seal.opened(by: password)
    return written
  }

  /// Writes what openssl could not, since it does not say why: the kernel does.
  private func writeRest(_ temporary: NamedFile, to size: UInt64) throws(FileError) {
    let raw = temporary.descriptor.raw
    let zeros = [UInt8](repeating: 0, count: 64 * 1024)
    var position = try temporary.descriptor.status(path: temporary.path).size
    while position < size {
      let offset = off_t(position)
      let count = try retrying("write", temporary.path) {
        zeros.withUnsafeBytes { pwrite(raw, $0.baseAddress, min($0.count, Int(size - position)), offset) }
      }
      guard count > 0 else { return }
      position += UInt64(count)
    }
  }

  /// Decrypts what the medium holds, and sees that it is what was encrypted.
  /// - Throws: `StoreError`, `FileError`.
  func verifyEncrypted(_ temporary: NamedFile, _ digest: [UInt8], _ path: String) throws {
    guard let openssl else { return }
    do {
      let plain = try store.decryption.decrypted(temporary.descriptor, with: openssl, path: path)
      guard try Decryption.digest(of: plain, path: MemoryFile.path) == digest else {
        throw StoreError.mismatch(path, "it decrypts to something else")
      }
    } catch let error as StoreError where error.isDamage {
      throw StoreError.mismatch(path, "it cannot be decrypted")
    }
  }
}
