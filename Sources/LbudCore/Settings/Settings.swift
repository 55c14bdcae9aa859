/// What `lbu.conf` says, with defaults for what it does not.
package struct Settings: Equatable, Sendable {
  /// `LBU_BACKUPDIR`: a directory that is there without mounting anything.
  package var backupDirectory: String?
  /// `LBU_MEDIA`: NAME of `/media/NAME`.
  package var media: String?
  /// `BACKUP_LIMIT`: how many old snapshots stay. lbu's default is 0; automatic commits want a way back.
  package var backupLimit = 3
  /// `LBUD_KEEP`: by which rules they stay instead; what cannot be understood lets none go.
  package var keep: Keep = .unset
  /// `ENCRYPTION`: the openssl cipher; nil for snapshots in the clear.
  package var encryption: String?
  /// `DEFAULT_CIPHER`: the cipher of `lbu commit -e` where `ENCRYPTION` names none.
  package var defaultCipher = "aes-256-cbc"
  /// `PASSWORD`: of encrypted snapshots; nil for one that somebody is asked for.
  package var password: Secret?

  /// `LBUD_IDLE`: a commit comes when nothing has changed for so long.
  package var idle: Seconds = 30
  /// `LBUD_MAX_DELAY`: and no later than so long after the first change.
  package var longestDelay: Seconds = 600
  /// `LBUD_MIN_INTERVAL`: but so long after the commit before it, to spare the flash.
  package var shortestInterval: Seconds = 60
  /// `LBUD_RESCAN`: how often everything is looked at without having been told to.
  package var rescan: Seconds = 3600
  /// `LBUD_AUTO`: whether lbud commits by itself.
  package var automatic = true
  /// `LBUD_ON_SHUTDOWN`: whether it commits when it is told to stop; unset it is what `LBUD_AUTO` is.
  package var onShutdown = true
  /// `LBUD_VERIFY`: whether a snapshot is read back before it becomes current.
  package var verify = true
  /// `LBUD_HOOK_TIMEOUT`: after so long a program of `pre-package.d` or `post-package.d` is ended.
  package var hookTimeout: Seconds = 60
  /// `LBUD_GROUP`: whose members may ask what neither changes anything nor shows contents.
  package var group = "lbud"

  /// `LBUD_PUBLISH`: the URL that each snapshot is uploaded to, with its placeholders; nil for none.
  package var publish: String?
  /// `LBUD_PUBLISH_CONFIG`: curl's configuration, with the credentials for it; nil for the usual one, if it is there.
  package var publishConfig: BytePath?
  /// `LBUD_PUBLISH_BY`: nil for what the store is likely to want.
  package var publishBy: UploadMethod?

  /// Whether the server of `LBUD_PUBLISH` is all that there is to save to.
  package var keepsOnServer: Bool { publish != nil && backupDirectory == nil && media == nil }

  package enum Keep: Equatable, Sendable {
    case unset
    case rules(KeepRules)
    case notUnderstood
  }

  /// Which old snapshots stay.
  package var retention: Retention.Policy {
    switch keep {
    case .unset: .limit(backupLimit)
    case .rules(let rules): .rules(rules)
    case .notUnderstood: .everything
    }
  }

  package init() {}

  package static let path = BytePath("etc/lbu/lbu.conf")
  /// Where curl's configuration is, if nothing else is said.
  package static let usualPublishConfig = BytePath("etc/lbu/publish.curl")

  /// The names of the variables that matter, for whoever evaluates the file.
  package static let keys = [
    "LBU_BACKUPDIR", "LBU_MEDIA", "BACKUP_LIMIT", "ENCRYPTION", "LBUD_IDLE", "LBUD_MAX_DELAY", "LBUD_MIN_INTERVAL",
    "LBUD_RESCAN", "LBUD_AUTO", "LBUD_ON_SHUTDOWN", "LBUD_VERIFY", "LBUD_GROUP", "LBUD_HOOK_TIMEOUT", "DEFAULT_CIPHER",
    "PASSWORD", "LBUD_KEEP", "LBUD_PUBLISH", "LBUD_PUBLISH_CONFIG", "LBUD_PUBLISH_BY",
  ]

  /// Those of them that lbu takes from its environment where lbu.conf does not set them. `DEFAULT_CIPHER` it sets itself,
  /// before lbu.conf (alpine-conf `lbu.in`).
  package static let environmentKeys = ["LBU_BACKUPDIR", "LBU_MEDIA", "BACKUP_LIMIT", "ENCRYPTION", "PASSWORD"]

  /// Whether it can be the name of a directory in `/media`.
  package static func isMediaName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/")
  }

  /// Reads values as the shell left them; a wrong one is reported and its default used.
  package init(values: [String: String], problems: inout [Problem]) {
    var reader = SettingsReader(values: values)
    backupDirectory = reader.text("LBU_BACKUPDIR")
    media = reader.mediaName("LBU_MEDIA")
    encryption = reader.text("ENCRYPTION")
    defaultCipher = reader.text("DEFAULT_CIPHER") ?? defaultCipher
    password = reader.text("PASSWORD").map { Secret(Array($0.utf8)) }
    backupLimit = Int(reader.number("BACKUP_LIMIT", 0...100_000, default: Int64(backupLimit)))
    keep = reader.keepRules("LBUD_KEEP", insteadOf: "BACKUP_LIMIT")
    idle = Seconds(reader.number("LBUD_IDLE", 0...86_400, default: idle.count))
    longestDelay = Seconds(reader.number("LBUD_MAX_DELAY", 0...604_800, default: longestDelay.count))
    shortestInterval = Seconds(reader.number("LBUD_MIN_INTERVAL", 0...604_800, default: shortestInterval.count))
    rescan = Seconds(reader.number("LBUD_RESCAN", 0...604_800, default: rescan.count))
    automatic = reader.yesOrNo("LBUD_AUTO", default: automatic)
    onShutdown = reader.yesOrNo("LBUD_ON_SHUTDOWN", default: automatic)
    verify = reader.yesOrNo("LBUD_VERIFY", default: verify)
    group = reader.text("LBUD_GROUP") ?? group
    hookTimeout = Seconds(reader.number("LBUD_HOOK_TIMEOUT", 1...86_400, default: hookTimeout.count))
    publish = reader.text("LBUD_PUBLISH")
    publishConfig = reader.text("LBUD_PUBLISH_CONFIG").map { BytePath($0) }
    publishBy = reader.uploadMethod("LBUD_PUBLISH_BY")
    problems += reader.problems
  }
}

private struct SettingsReader {
  let values: [String: String]
  var problems: [Problem] = []

  func text(_ key: String) -> String? {
    values[key].flatMap { $0.isEmpty ? nil : $0 }
  }

  mutating func mediaName(_ key: String) -> String? {
    guard let value = text(key) else { return nil }
    guard Settings.isMediaName(value) else {
      reject(key, value, allowed: "the name of a directory in /media", used: "none")
      return nil
    }
    return value
  }

  mutating func number(_ key: String, _ range: ClosedRange<Int64>, default fallback: Int64) -> Int64 {
    guard let value = text(key) else { return fallback }
    guard let number = Int64(value), range.contains(number) else {
      reject(key, value, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", used: "\(fallback)")
      return fallback
    }
    return number
  }

  mutating func yesOrNo(_ key: String, default fallback: Bool) -> Bool {
    guard let value = text(key) else { return fallback }
    switch value.lowercased() {
    case "yes", "true", "on", "1": return true
    case "no", "false", "off", "0": return false
    default:
      reject(key, value, allowed: "yes or no", used: fallback ? "yes" : "no")
      return fallback
    }
  }

  mutating func uploadMethod(_ key: String) -> UploadMethod? {
    guard let value = text(key) else { return nil }
    guard let method = UploadMethod(rawValue: value) else {
      reject(key, value, allowed: "move or put", used: "what the store is likely to want")
      return nil
    }
    return method
  }

  mutating func keepRules(_ key: String, insteadOf limit: String) -> Settings.Keep {
    guard let value = text(key) else { return .unset }
    guard let rules = KeepRules(value) else {
      problems.append(
        Problem(
          .degraded, subject: Settings.path.display,
          "\(key)='\(displayText(of: value.utf8))' is not allowed: no old snapshot is removed",
          remedy: "set \(key) to rules such as last=5 daily=7 weekly=4 monthly=6 yearly=1, in quotes"))
      return .notUnderstood
    }
    if let other = text(limit) {
      problems.append(
        Problem(
          .warning, subject: Settings.path.display,
          "\(limit)=\(displayText(of: other.utf8)) does not count, since \(key) is set",
          remedy: "remove one of the two"))
    }
    return .rules(rules)
  }

  private mutating func reject(_ key: String, _ value: String, allowed: String, used: String) {
    problems.append(
      Problem(
        .degraded, subject: Settings.path.display,
        "\(key)='\(displayText(of: value.utf8))' is not allowed: \(used) is used instead",
        remedy: "set \(key) to \(allowed)"))
  }
}
