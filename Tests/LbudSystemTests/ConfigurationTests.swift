import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// `lbu.conf` as it is read without a shell, and as shells read it.
@Suite(.onOwnThread) struct ConfigurationTests {
  private static let pieces = [
    "LBU_MEDIA", "PASSWORD", "BACKUP_LIMIT", "=", "=", "=", "=usb", "=3", "='a b'", "=\"a b\"", "=''", "'", "\"",
    "$HOME", "`id`", "\\", "~", "#", " # ", " ", "\t", ";", "*", "é", "\n", "\n", "\n", "-", "_./:,@%+=-", "export ",
    "a=b", "!", "|",
  ]

  private static func text(_ random: inout some RandomNumberGenerator) -> [UInt8] {
    let count = Int.random(in: 1...9, using: &random)
    return (0..<count).flatMap { _ in Array((pieces.randomElement(using: &random) ?? "").utf8) }
  }

  /// What a shell makes of each file: the three values, each ended by a NUL.
  private static let script = """
    for file in "$1"/*; do
      env -i "$2" $3 -c '. "$1"; printf "%s\\000" "$LBU_MEDIA" "$PASSWORD" "$BACKUP_LIMIT"' sh "$file" 2>/dev/null
    done
    """

  @Test(arguments: [(["/bin/sh"], ""), (["/bin/busybox", "/usr/bin/busybox"], "ash")])
  func whatIsReadWithoutAShellIsWhatAShellReads(_ paths: [String], _ applet: String) throws {
    let shell = try #require(paths.first { access($0, X_OK) == 0 }, "there is none of \(paths)")
    let directory = TemporaryDirectory()
    let builder = TreeBuilder(directory.path)
    var random = SeededNumbers(seed: 20_261_128)
    var expected: [UInt8] = []
    var count = 0
    while count < 400 {
      let text = Self.text(&random)
      guard let plain = PlainAssignments(text, names: Settings.keys), !plain.values.isEmpty else { continue }
      builder.file("\(1000 + count)", String(decoding: text, as: UTF8.self))
      count += 1
      for name in ["LBU_MEDIA", "PASSWORD", "BACKUP_LIMIT"] { expected += (plain.values[name] ?? []) + [0] }
    }
    let ended = try Program.run(
      "/bin/sh", ["-c", Self.script, "sh", directory.path, shell, applet].map { Array($0.utf8) }, within: 600)
    #expect(ended.code == 0)
    #expect(ended.output == expected)
  }

  /// No shell is started here: its ten seconds pass where all tests compute at once.
  @Test func theEnvironmentCountsWhereTheFileSetsNothingAndTheCipherIsLbus() async throws {
    let directory = TemporaryDirectory()
    TreeBuilder(directory.path).file("etc/lbu/lbu.conf", "# the stick\nLBU_MEDIA=usb\n")
    var reader = ConfigurationReader(root: try RootDirectory(path: directory.path))
    let loaded = await reader.load(environment: [
      "LBU_MEDIA": "other", "BACKUP_LIMIT": "7", "DEFAULT_CIPHER": "des", "PASSWORD": "secret",
    ])
    #expect(loaded.isEvaluated)
    #expect(loaded.settings.media == "usb")
    #expect(loaded.settings.backupLimit == 7)
    #expect(loaded.settings.defaultCipher == "aes-256-cbc")
    #expect(loaded.settings.password == Secret(Array("secret".utf8)))
    #expect(loaded.problems == [])
  }
}
