import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What goes through `openssl enc`, and what it says where it cannot.
@Suite(.onOwnThread) struct OpenSSLTests {
  private let directory = TemporaryDirectory()

  /// As openssl on this machine lists them.
  private static let ciphers = LbudTestSupport.run(["openssl", "list", "-1", "-cipher-commands"]).output
    .split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }

  private func file(_ name: String, _ content: [UInt8] = []) throws -> Descriptor {
    TreeBuilder(directory.path).file(BytePath(name), content, mode: 0o600)
    return Descriptor(owning: open(directory.path + "/" + name, O_RDWR))
  }

  private func content(_ file: borrowing Descriptor) throws -> [UInt8] {
    var content = [UInt8](repeating: 0, count: Int(try file.status(path: "x").size))
    let raw = file.raw
    let count = content.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, 0) }
    #expect(count == content.count)
    return content
  }

  @Test(arguments: ciphers) func whatACipherEncryptsIsReadByOpensslAndTheOtherWayRound(cipher: String) throws {
    let text = Array("a line\n".utf8) + (0..<100_003).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let password = Secret(Array("pass word".utf8))
    let plain = try MemoryFile.make()
    let encrypted = try file("encrypted")
    let back = try MemoryFile.make()
    #expect(text.withUnsafeBytes { write(plain.raw, $0.baseAddress, $0.count) } == text.count)
    let openssl: OpenSSL
    do { openssl = try OpenSSL(cipher: cipher) } catch {
      #expect(error.description == "openssl knows no cipher \(cipher)")
      return
    }
    do { try openssl.encrypt(plain.raw, to: encrypted.raw, size: UInt64(text.count), with: password) } catch {
      // Its provider is not loaded: said so, and nothing is written but a salt.
      #expect(error.description.hasPrefix("the archive cannot be encrypted with \(cipher): Error setting cipher"))
      #expect(try content(encrypted).count <= Seal.headerSize)
      return
    }
    #expect(try content(encrypted) != text)
    let asTheBootLoader = LbudTestSupport.run([
      "openssl", "enc", "-d", "-" + cipher, "-in", directory.path + "/encrypted", "-pass", "pass:pass word",
    ])
    #expect(asTheBootLoader.output == text)
    #expect(try openssl.decrypt(encrypted.raw, to: back.raw, size: 0, with: password) == nil)
    #expect(try content(back) == text)
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: [
    [0xff, 0xfe, 0x20, 0x22, 0x27, 0x24], Array("-in /etc/passwd".utf8), [UInt8](repeating: 0xe4, count: 512), [0x20],
    Array("pass:x".utf8),
  ])
  func aPasswordIsBytesThatOpensslUnderstandsAsTheyAre(bytes: [UInt8]) throws {
    let plain = try file("plain", Array("secret".utf8))
    let encrypted = try file("encrypted")
    try OpenSSL(cipher: "aes-256-cbc").encrypt(plain.raw, to: encrypted.raw, size: 6, with: Secret(bytes))
    _ = try file("password", bytes)
    let result = LbudTestSupport.run([
      "openssl", "enc", "-d", "-aes-256-cbc", "-in", directory.path + "/encrypted", "-pass",
      "file:" + directory.path + "/password",
    ])
    #expect(result.output == Array("secret".utf8))
    withExtendedLifetime(directory) {}
  }

  @Test func aPasswordThatCannotBeHandedOverOrTypedInIsRefused() throws {
    for (bytes, why) in [
      (Array("two\nlines".utf8), "it has a line break or a NUL in it"),
      ([1, 0, 1], "it has a line break or a NUL in it"),
      (Array("end\r".utf8), "it has a line break or a NUL in it"),
      ([UInt8](repeating: 65, count: 513), "it has 513 bytes, and openssl's prompt at the boot takes 512"),
    ] {
      let error = #expect(throws: StoreError.self) { try OpenSSL.check(Secret(bytes)) }
      #expect(error?.description == "the password cannot be used: " + why)
    }
  }

  @Test(arguments: ["rot13", "base64", "AES-256-CBC", "d", "p", "k"])
  func whatOpensslDoesNotListIsNoCipherThoughEncHasSuchAnOption(cipher: String) {
    let error = #expect(throws: StoreError.self) { try OpenSSL(cipher: cipher) }
    #expect(error?.description == "openssl knows no cipher \(cipher)")
    #expect(error?.hint == "set ENCRYPTION to one of: openssl list -cipher-commands")
  }

  @Test func aCipherOfAProviderThatIsNotLoadedIsToldInItsWords() throws {
    let plain = try file("plain", Array("secret".utf8))
    let encrypted = try file("encrypted")
    let path = try #require(Program.find("openssl"))
    let openssl = OpenSSL(path: path, cipher: "bf-cbc")
    let error = #expect(throws: StoreError.self) {
      try openssl.encrypt(plain.raw, to: encrypted.raw, size: 6, with: Secret([65]))
    }
    #expect(
      error?.description
        == "the archive cannot be encrypted with bf-cbc: Error setting cipher BF-CBC: unsupported")
    #expect(try content(encrypted).count <= Seal.headerSize)
  }

  @Test func aWrongPasswordAndGarbageAreNoErrorOfOpensslItself() throws {
    let openssl = try OpenSSL(cipher: "aes-256-cbc")
    let garbage = try file("garbage", Array("not encrypted at all".utf8))
    let cut = try file("cut", Array("Salted__12345678abc".utf8))
    let back = try MemoryFile.make()
    #expect(try openssl.decrypt(garbage.raw, to: back.raw, size: 20, with: Secret([65])) == "bad magic number")
    #expect(
      try openssl.decrypt(cut.raw, to: back.raw, size: 19, with: Secret([65]))
        == "bad decrypt: wrong final block length")
  }

  @Test func itsWordsAreWithoutTheWarningAndWithoutNumbers() {
    let complaint = """
      *** WARNING : deprecated key derivation used.
      Using -iter or -pbkdf2 would be better.
      bad decrypt
      808BE88E837F0000:error:1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:../block.c:124:
      """
    #expect(OpenSSL.words(of: complaint) == "bad decrypt")
    #expect(OpenSSL.words(of: Program.Ended(code: 1, output: [], complaint: "")) == "it says nothing")
    #expect(OpenSSL.words(of: Program.Ended(code: nil, output: [], complaint: "x")) == "a signal has ended it")
  }

  @Test func theFileOfThePasswordIsEmptiedOfIt() throws {
    let raw: Int32
    do {
      let file = try SecretFile(Secret(Array("secret".utf8)))
      raw = dup(file.raw)
      #expect(try content(Descriptor(owning: dup(raw))) == Array("secret\n".utf8))
      withExtendedLifetime(file) {}
    }
    #expect(try content(Descriptor(owning: raw)) == [UInt8](repeating: 0, count: 7))
  }
}
