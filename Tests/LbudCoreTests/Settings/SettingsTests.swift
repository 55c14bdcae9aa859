import LbudCore
import Testing

@Suite("What lbu.conf says")
struct SettingsTests {
  static func read(_ values: [String: String]) -> (settings: Settings, problems: [Problem]) {
    var problems: [Problem] = []
    return (Settings(values: values, problems: &problems), problems)
  }

  @Test func withoutAFileTheDefaultsHold() {
    let (settings, problems) = Self.read([:])
    #expect(settings == Settings())
    #expect(problems.isEmpty)
    #expect(settings.backupLimit == 3 && settings.encryption == nil)
    #expect(settings.backupDirectory == nil && settings.media == nil)
    #expect(settings.idle == 30 && settings.longestDelay == 600)
    #expect(settings.shortestInterval == 60 && settings.rescan == 3600)
    #expect(settings.automatic && settings.onShutdown && settings.verify && settings.group == "lbud")
  }

  static let wanted: [(key: String, value: String, change: @Sendable (inout Settings) -> Void)] = [
    ("LBU_BACKUPDIR", "/srv/lbu", { $0.backupDirectory = "/srv/lbu" }), ("LBU_MEDIA", "usb", { $0.media = "usb" }),
    ("BACKUP_LIMIT", "0", { $0.backupLimit = 0 }), ("BACKUP_LIMIT", "12", { $0.backupLimit = 12 }),
    ("ENCRYPTION", "aes-256-cbc", { $0.encryption = "aes-256-cbc" }), ("LBUD_IDLE", "5", { $0.idle = 5 }),
    ("LBUD_IDLE", "86400", { $0.idle = 86_400 }), ("LBUD_MAX_DELAY", "60", { $0.longestDelay = 60 }),
    ("LBUD_MIN_INTERVAL", "0", { $0.shortestInterval = 0 }), ("LBUD_RESCAN", "604800", { $0.rescan = 604_800 }),
    (
      "LBUD_AUTO", "no",
      {
        $0.automatic = false
        $0.onShutdown = false
      }
    ), ("LBUD_ON_SHUTDOWN", "off", { $0.onShutdown = false }),
    ("LBUD_KEEP", "weekly=2", { $0.keep = KeepRules("weekly=2").map { .rules($0) } ?? .unset }),
    ("LBUD_VERIFY", "False", { $0.verify = false }), ("LBUD_GROUP", "wheel", { $0.group = "wheel" }),
    ("LBUD_HOOK_TIMEOUT", "5", { $0.hookTimeout = 5 }),
    ("DEFAULT_CIPHER", "aes-128-cbc", { $0.defaultCipher = "aes-128-cbc" }),
    ("LBUD_PUBLISH", "https://srv/{MAC}.apkovl.tar.gz", { $0.publish = "https://srv/{MAC}.apkovl.tar.gz" }),
    ("LBUD_PUBLISH_CONFIG", "/etc/curl", { $0.publishConfig = BytePath("etc/curl") }),
    ("LBUD_PUBLISH_BY", "put", { $0.publishBy = .put }), ("LBUD_PUBLISH_BY", "move", { $0.publishBy = .move }),
    ("PASSWORD", "geheim", { $0.password = Secret(Array("geheim".utf8)) }),
  ]

  @Test("every key sets its own value and no other", arguments: wanted.indices)
  func everyKey(index: Int) {
    let (key, value, change) = Self.wanted[index]
    var expected = Settings()
    change(&expected)
    let (settings, problems) = Self.read([key: value])
    #expect(settings == expected)
    #expect(settings != Settings())
    #expect(problems.isEmpty)
  }

  @Test func everyKeyIsAskedOfTheShell() {
    #expect(Set(Self.wanted.map(\.key)) == Set(Settings.keys))
    #expect(Settings.keys.count == Set(Settings.keys).count)
  }

  @Test func aPasswordIsNotShown() {
    let settings = Self.read(["PASSWORD": "geheim"]).settings
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!"\(settings) \(String(reflecting: settings)) \(dumped)".contains("geheim"))
    #expect(!"\(settings) \(dumped)".contains("\(Array("geheim".utf8))"))
  }

  @Test("an empty value is an unset one", arguments: Settings.keys)
  func emptyValues(key: String) {
    let (settings, problems) = Self.read([key: ""])
    #expect(settings == Settings())
    #expect(problems.isEmpty)
  }

  @Test(
    arguments: [
      ("yes", true), ("YES", true), ("true", true), ("on", true), ("1", true), ("no", false), ("No", false),
      ("false", false), ("off", false), ("0", false),
    ])
  func yesAndNo(value: String, expected: Bool) {
    #expect(Self.read(["LBUD_AUTO": value]).settings.automatic == expected)
  }

  @Test(
    "a wrong value is reported, and the default holds",
    arguments: [
      ("BACKUP_LIMIT", "many", "3", "a whole number from 0 to 100000"),
      ("BACKUP_LIMIT", "-1", "3", "a whole number from 0 to 100000"),
      ("BACKUP_LIMIT", "100001", "3", "a whole number from 0 to 100000"),
      ("LBUD_IDLE", "30s", "30", "a whole number from 0 to 86400"),
      ("LBUD_IDLE", " 30", "30", "a whole number from 0 to 86400"),
      ("LBUD_IDLE", "1.5", "30", "a whole number from 0 to 86400"),
      ("LBUD_IDLE", "86401", "30", "a whole number from 0 to 86400"),
      ("LBUD_MAX_DELAY", "10 min", "600", "a whole number from 0 to 604800"),
      ("LBUD_MAX_DELAY", "99999999999999999999", "600", "a whole number from 0 to 604800"),
      ("LBUD_MIN_INTERVAL", "0x10", "60", "a whole number from 0 to 604800"),
      ("LBUD_RESCAN", "never", "3600", "a whole number from 0 to 604800"),
      ("LBUD_AUTO", "maybe", "yes", "yes or no"), ("LBUD_ON_SHUTDOWN", "2", "yes", "yes or no"),
      ("LBUD_VERIFY", "y", "yes", "yes or no"),
      ("LBU_MEDIA", "/media/usb", "none", "the name of a directory in /media"),
      ("LBU_MEDIA", "../etc", "none", "the name of a directory in /media"),
      ("LBU_MEDIA", "..", "none", "the name of a directory in /media"),
      ("LBU_MEDIA", ".", "none", "the name of a directory in /media"),
    ])
  func wrongValues(key: String, value: String, used: String, allowed: String) {
    let (settings, problems) = Self.read([key: value])
    #expect(settings == Settings())
    #expect(
      problems == [
        Problem(
          .degraded, subject: "etc/lbu/lbu.conf", "\(key)='\(value)' is not allowed: \(used) is used instead",
          remedy: "set \(key) to \(allowed)")
      ])
  }

  @Test(
    "what LBUD_KEEP cannot mean lets nothing go", arguments: ["5", "last=five", " ", "last=0", "last=5\nall is well"])
  func wrongRules(value: String) {
    let (settings, problems) = Self.read(["LBUD_KEEP": value, "BACKUP_LIMIT": "1"])
    #expect(settings.keep == .notUnderstood && settings.retention == .everything)
    #expect(
      problems == [
        Problem(
          .degraded, subject: "etc/lbu/lbu.conf",
          "LBUD_KEEP='\(displayText(of: value.utf8))' is not allowed: no old snapshot is removed",
          remedy: "set LBUD_KEEP to rules such as last=5 daily=7 weekly=4 monthly=6 yearly=1, in quotes")
      ])
  }

  @Test func rulesWinOverTheLimitAndThatIsSaid() {
    let (settings, problems) = Self.read(["LBUD_KEEP": "daily=7 last=5", "BACKUP_LIMIT": "9"])
    #expect(settings.retention == KeepRules("last=5 daily=7").map { .rules($0) })
    #expect(
      problems == [
        Problem(
          .warning, subject: "etc/lbu/lbu.conf", "BACKUP_LIMIT=9 does not count, since LBUD_KEEP is set",
          remedy: "remove one of the two")
      ])
    #expect(Self.read(["LBUD_KEEP": "last=1"]).problems.isEmpty)
    #expect(Self.read(["BACKUP_LIMIT": "9"]).settings.retention == .limit(9))
    #expect(Settings().retention == .limit(3))
  }

  @Test func aCommitAtShutdownIsNoRequestUnlessItIsWantedByName() {
    #expect(!Self.read(["LBUD_AUTO": "no"]).settings.onShutdown)
    #expect(Self.read(["LBUD_AUTO": "no", "LBUD_ON_SHUTDOWN": "yes"]).settings.onShutdown)
    #expect(!Self.read(["LBUD_AUTO": "yes", "LBUD_ON_SHUTDOWN": "no"]).settings.onShutdown)
  }

  @Test func aWrongValueSpoilsNoOtherAndIsAddedToWhatIsKnown() {
    var problems = [Problem(.warning, subject: "s", "t", remedy: "r")]
    let settings = Settings(values: ["LBUD_IDLE": "x", "LBUD_AUTO": "x", "LBUD_RESCAN": "9"], problems: &problems)
    #expect(settings.rescan == 9)
    #expect(problems.count == 3)
    #expect(problems.first?.line == "s: t")
  }

  @Test func aValueCannotForgeALineOfTheReport() {
    let (_, problems) = Self.read(["LBUD_IDLE": "5\nall is well"])
    #expect(problems.map(\.text) == ["LBUD_IDLE='5\\nall is well' is not allowed: 30 is used instead"])
  }

  @Test func keysOfOthersAreNoProblem() {
    let (settings, problems) = Self.read(["PATH": "/bin"])
    #expect(settings == Settings())
    #expect(problems.isEmpty)
  }

  @Test(
    "a cipher is never quietly dropped: the snapshot would be written in the clear", arguments: ["a/b", "rot13", " "])
  func strangeCiphers(value: String) {
    #expect(Self.read(["ENCRYPTION": value]).settings.encryption == value)
  }

  @Test func severitiesAreInOrder() {
    #expect(Problem.Severity.warning < .degraded && Problem.Severity.degraded < .blocking)
  }
}
