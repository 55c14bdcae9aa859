import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// What lbu takes from its environment: the root, and what is otherwise than in lbu.conf.
struct LbuEnvironment {
  /// `ROOT`, absolute and without a slash at its end, but for `/` itself.
  let root: String
  /// Those of `Settings.environmentKeys` that are set, the directory as an absolute path.
  let settings: [String: String]

  /// - Throws: `LbuFailure` for what is no text.
  init() throws(LbuFailure) {
    var root = try Self.value("ROOT") ?? ""
    if !root.hasPrefix("/") { root = root.isEmpty ? "/" : PackageFile.workingDirectory + "/" + root }
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    self.root = root
    var settings: [String: String] = [:]
    for key in Settings.environmentKeys { settings[key] = try Self.value(key) }
    if let directory = settings["LBU_BACKUPDIR"], !directory.isEmpty, !directory.hasPrefix("/") {
      // lbu's is relative to where it is called; lbud has no such place.
      settings["LBU_BACKUPDIR"] = PackageFile.workingDirectory + "/" + directory
    }
    self.settings = settings
  }

  /// Where LBU_BACKUPDIR is to be found by a daemon in this process too.
  func export() {
    if let directory = settings["LBU_BACKUPDIR"] { setenv("LBU_BACKUPDIR", directory, 1) }
  }

  func otherwise(_ arguments: LbuArguments, media: [UInt8]?, password: Secret?) throws(LbuFailure) -> Otherwise? {
    var otherwise = Otherwise()
    if !settings.isEmpty { otherwise.environment = settings }
    if let media, !media.isEmpty { otherwise.media = try Self.mediaName(media) }
    if arguments.encrypts { otherwise.encrypt = true }
    otherwise.password = (password ?? arguments.password).map { WirePath(bytes: $0.bytes) }
    return otherwise == Otherwise() ? nil : otherwise
  }

  private static func mediaName(_ name: [UInt8]) throws(LbuFailure) -> String {
    guard let text = String(validating: name, as: UTF8.self), Settings.isMediaName(text) else {
      throw LbuFailure(
        "/media/\(displayText(of: name)) is no directory in /media", hint: "give the name of one, as: lbu commit usb")
    }
    return text
  }

  private static func value(_ name: String) throws(LbuFailure) -> String? {
    guard let value = getenv(name) else { return nil }
    guard let text = String(validatingCString: value) else {
      throw LbuFailure("\(name) in the environment is not UTF-8", hint: "set it in /etc/lbu/lbu.conf, or unset it")
    }
    return text
  }
}
