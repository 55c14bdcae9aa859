import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Encrypted snapshots: how they are read, and what there is to say of them.
extension SnapshotStore {
  // MARK: Reading

  /// Opens a snapshot for reading what it holds.
  /// - Parameter name: as it is listed: in the media's top directory, or in `LBUD/`, which may stand before it.
  /// - Returns: the gzip file: the one on the media, or where its name has a cipher what that decrypts to, which is in memory
  ///   and nowhere else. To be read by its offsets.
  /// - Throws: `StoreError`: `isPasswordMissing`, or `isDamage` where it cannot be decrypted; `FileError`, `ENOENT` where
  ///   there is none.
  package func openPlain(_ name: [UInt8]) throws -> Descriptor {
    let top = try mount.open()
    let found = try located(name, in: top)
    let path = self.path + "/" + displayText(of: found)
    return try decryption.plain(openIn(top, found, path), named: Self.baseName(found), path: path)
  }

  /// What a look at an encrypted snapshot gives: nothing where there is no password. One that cannot be decrypted is damage
  /// where it is the current one; another is about to be retired.
  /// - Parameter known: of that name and size.
  /// - Throws: `StoreError` where what is to be saved cannot be encrypted either; `FileError`.
  func readEncrypted(
    into look: inout MediaLook, _ file: consuming Descriptor, _ name: [UInt8], _ known: Known?
  ) throws {
    let path = self.path + "/" + displayText(of: name)
    let seal = try Seal.read(file, path: path)
    if let known = known?.seal, let seal, seal.isKnown(as: known, password: decryption.password) {
      look.saved = .known
      return
    }
    do {
      let plain = try decryption.plain(file, named: Self.baseName(name), path: path)
      let record = try Self.record(of: plain, path: path)
      if let seal, let password = decryption.password {
        look.savedSeal = seal.opened(by: password)
        decryption.remember(record, of: seal)
      }
      look.saved = .read(try Self.index(of: plain, path: path))
    } catch let error as FileError {
      throw error
    } catch let error as StoreError where !error.isDamage {
      look.savedName = nil
      guard !name.elementsEqual(currentName.utf8) || error.isPasswordMissing else { throw error }
    } catch {
      guard name.elementsEqual(currentName.utf8) else { return look.savedName = nil }
      look.damage = error as? StoreError ?? .damaged(path, error)
    }
  }

  /// The record of a snapshot. An encrypted one is decrypted for it once.
  /// - Parameter name: relative to the media.
  /// - Throws: as `openPlain`, and `ArchiveError`.
  func record(_ name: [UInt8], in top: borrowing Descriptor) throws -> SnapshotRecord? {
    let path = self.path + "/" + displayText(of: name)
    return try decryption.record(openIn(top, name, path), named: Self.baseName(name), path: path)
  }

  private func located(_ name: [UInt8], in top: borrowing Descriptor) throws(FileError) -> [UInt8] {
    guard !name.contains(UInt8(ascii: "/")), try top.status(of: name, path: BytePath(path)) == nil else { return name }
    return Array((Self.subdirectory + "/").utf8) + name
  }

  static func baseName(_ name: [UInt8]) -> [UInt8] {
    name.lastIndex(of: UInt8(ascii: "/")).map { Array(name[($0 + 1)...]) } ?? name
  }

  /// Of a file, by its name.
  /// - Parameter name: relative to the media.
  package static func cipher(of name: String) -> String? { SnapshotName.cipher(of: baseName(Array(name.utf8))) }

  // MARK: Writing

  /// The same with another password, which somebody was asked for.
  package func with(password: Secret) -> SnapshotStore {
    var store = self
    store.decryption = Decryption(password: password)
    return store
  }

  /// Bytes that an encrypted archive has more than a plain one, at most.
  var overhead: UInt64 { cipher == nil ? 0 : OpenSSL.overhead }

  /// - Returns: nil where it is saved in the clear.
  /// - Throws: `StoreError` where it is not, and cannot be encrypted as things are.
  func encryptor() throws(StoreError) -> OpenSSL? {
    guard let cipher else { return nil }
    guard let password = decryption.password else { throw .passwordMissing(cipher) }
    try OpenSSL.check(password)
    return try OpenSSL(cipher: cipher)
  }

  // MARK: What is wrong

  /// Nil where there is a password, or none is needed.
  package var passwordProblem: Problem? {
    guard let cipher, decryption.password == nil else { return nil }
    var problem = Problem(
      .blocking, subject: "/" + Settings.path.display,
      "ENCRYPTION=\(cipher) is set and PASSWORD is not: nothing is saved by itself",
      remedy: StoreError.remedyForPassword)
    problem.yieldsToRequest = true
    return problem
  }

  /// What is saved in the clear where it was encrypted before might be a mistake in lbu.conf: a person is to say so.
  /// - Parameter own: overlays of this box under other names.
  func revealingProblem(_ own: [[UInt8]], in top: borrowing Descriptor) throws(FileError) -> Problem? {
    guard let name = try encryptedOne(of: own, in: top) else { return nil }
    var problem = Problem(
      .blocking, subject: path, "\(displayText(of: name)) \(StoreError.revealing)",
      remedy: StoreError.remedyForRevealing)
    problem.yieldsToRequest = true
    return problem
  }

  /// - Returns: nil where what is saved is encrypted too.
  func encryptedOne(of own: [[UInt8]], in top: borrowing Descriptor) throws(FileError) -> [UInt8]? {
    guard cipher == nil else { return nil }
    for name in own where try isEncrypted(name, in: top) { return name }
    return nil
  }

  private func isEncrypted(_ name: [UInt8], in top: borrowing Descriptor) throws(FileError) -> Bool {
    guard let cipher = SnapshotName.cipher(of: name) else { return false }
    // Whatever is left of its content.
    if SnapshotName.isOfKnownCipher(cipher) { return true }
    let path = self.path + "/" + displayText(of: name)
    let file = try top.openFile(name, path: BytePath(path))
    return try Seal.read(file, path: path) != nil
  }
}
