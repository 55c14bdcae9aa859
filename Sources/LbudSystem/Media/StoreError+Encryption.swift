import LbudCore

extension StoreError {
  static func noOpenSSL(_ cipher: String) -> StoreError {
    StoreError("\(cipher) is asked for, and openssl is not installed", hint: "apk add openssl")
  }

  static func strangeCipher(_ cipher: String) -> StoreError {
    StoreError(
      "ENCRYPTION='\(displayText(of: cipher.utf8))' is no cipher: the boot loader finds its name behind the last dot of the "
        + "snapshot's, so it has letters, digits and hyphens, and does not end in gz",
      hint: "set one of: openssl list -cipher-commands")
  }

  static func unknownCipher(_ cipher: String) -> StoreError {
    StoreError("openssl knows no cipher \(cipher)", hint: "set ENCRYPTION to one of: openssl list -cipher-commands")
  }

  static func openSSLFailed(_ what: String, _ why: String) -> StoreError {
    StoreError(
      "\(what): \(why)",
      hint: "the current snapshot is untouched; another cipher may do: openssl list -cipher-commands")
  }

  static func unusablePassword(_ why: String, hint: String) -> StoreError {
    StoreError("the password cannot be used: \(why)", hint: hint + " in /\(Settings.path.display), or: lbu commit -p")
  }

  static func noMemory(_ error: FileError) -> StoreError {
    StoreError(
      "the archive cannot be held in memory, as it must be until it is encrypted: \(error.reason)",
      hint: "free memory, or leave large files out by a line in lbu.list")
  }

  package static func passwordMissing(_ cipher: String) -> StoreError {
    var error = StoreError(
      "ENCRYPTION=\(cipher) is set and PASSWORD is not: nothing is saved", hint: remedyForPassword)
    error.isPasswordMissing = true
    return error
  }

  static let remedyForPassword =
    "set PASSWORD in /\(Settings.path.display) (and: chmod 600 /\(Settings.path.display)), or: lbu commit, which asks for it"

  /// The password is another one, or the file is damaged: openssl cannot tell which.
  static func undecryptable(_ path: String, _ why: String) -> StoreError {
    var error = StoreError(
      "\(path) cannot be decrypted with the PASSWORD of lbu.conf: \(why)",
      hint:
        "the next commit replaces it and keeps it under a dated name; if that is not wanted, set the PASSWORD that it has"
    )
    error.isDamage = true
    return error
  }

  static func wouldReveal(_ name: String) -> StoreError {
    StoreError("\(name) \(revealing)", hint: remedyForRevealing)
  }

  static let revealing = "is encrypted and ENCRYPTION is not set: nothing is saved in the clear by itself"
  static let remedyForRevealing =
    "set ENCRYPTION in /\(Settings.path.display), or to save in the clear: lbuctl commit"
}
