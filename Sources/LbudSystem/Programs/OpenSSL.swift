import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The program `openssl` with one of its ciphers, called as lbu and the boot loader call it: `openssl enc -CIPHER`, with a
/// salt and the key derived from the password in enc's own way.
struct OpenSSL: Sendable {
  let path: String
  let cipher: String

  /// Lists among the ciphers what only changes the form of data, and needs no password (enc(1)).
  private static let encodings: Set<String> = ["base64", "zlib", "brotli", "zstd"]
  /// What a prompt of `openssl enc` takes, in bytes (apps/enc.c): a longer one could not be typed in at the boot.
  static let longestPassword = 512
  /// enc's header of 16 bytes, and the padding of a block of 16: so much longer is what is encrypted.
  static let overhead: UInt64 = 32

  init(path: String, cipher: String) {
    self.path = path
    self.cipher = cipher
  }

  /// - Throws: `StoreError` where there is no openssl, or it has no such cipher.
  init(cipher: String) throws(StoreError) {
    guard let path = Program.find("openssl") else { throw .noOpenSSL(cipher) }
    self.init(path: path, cipher: cipher)
    try check()
  }

  /// A name is only ever made an option after it was found here: enc has others, and one shows the key.
  private func check() throws(StoreError) {
    guard SnapshotName.isCipherName(cipher) else { throw .strangeCipher(cipher) }
    let ended: Program.Ended
    do { ended = try Program.run(path, ["list", "-1", "-cipher-commands"].map { Array($0.utf8) }, within: 30) } catch {
      throw .openSSLFailed("openssl list cannot be run", "\(error)")
    }
    guard ended.code == 0 else { throw .openSSLFailed("openssl cannot list its ciphers", Self.words(of: ended)) }
    guard !Self.encodings.contains(cipher),
      ended.output.split(separator: UInt8(ascii: "\n")).contains(where: { $0.elementsEqual(cipher.utf8) })
    else { throw .unknownCipher(cipher) }
  }

  /// Whether a password can be handed over, and be typed in at the boot.
  /// - Throws: `StoreError`.
  static func check(_ password: Secret) throws(StoreError) {
    // Of a file enc takes the first line; no shell or prompt can give a NUL.
    for byte in password.bytes where byte == 0 || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      throw .unusablePassword("it has a line break or a NUL in it", hint: "set one of a single line")
    }
    guard password.bytes.count <= longestPassword else {
      throw .unusablePassword(
        "it has \(password.bytes.count) bytes, and openssl's prompt at the boot takes \(longestPassword)",
        hint: "set a shorter one")
    }
  }

  /// Encrypts all of one file into another, which is emptied first; where they are read or written by their descriptors
  /// does not matter and is not changed.
  /// - Parameter size: bytes of the input, by which the patience is measured.
  /// - Throws: `StoreError` with openssl's last words.
  func encrypt(_ input: Int32, to output: Int32, size: UInt64, with password: Secret) throws(StoreError) {
    let ended = try run(["-salt"], input, output, size, password)
    guard ended.code == 0 else {
      throw .openSSLFailed("the archive cannot be encrypted with \(cipher)", Self.words(of: ended))
    }
  }

  /// The same the other way round.
  /// - Returns: nil, or openssl's words where the file cannot be decrypted: for want of the right password, or since it is
  ///   damaged. Some ciphers cannot tell, and give nonsense.
  /// - Throws: `StoreError` where openssl cannot be run.
  func decrypt(_ input: Int32, to output: Int32, size: UInt64, with password: Secret) throws(StoreError) -> String? {
    let ended = try run(["-d"], input, output, size, password)
    return ended.code == 0 ? nil : Self.words(of: ended)
  }

  private func run(
    _ direction: [String], _ input: Int32, _ output: Int32, _ size: UInt64, _ password: Secret
  ) throws(StoreError) -> Program.Ended {
    try Self.check(password)
    let secret = try SecretFile(password)
    defer { withExtendedLifetime(secret) {} }
    let arguments =
      ["enc", "-" + cipher] + direction + [
        "-in", Program.Files.inputName, "-out", Program.Files.outputName, "-pass", "file:" + Program.Files.memoryName,
      ]
    // 100 kB a second is slower than any medium that anybody would have.
    let seconds = 120 + Int(clamping: size / 100_000)
    let files = Program.Files(input: input, output: output, memory: secret.raw)
    do { return try Program.run(path, arguments.map { Array($0.utf8) }, with: files, within: seconds) } catch {
      throw .openSSLFailed("openssl enc cannot be run", "\(error)")
    }
  }
}
