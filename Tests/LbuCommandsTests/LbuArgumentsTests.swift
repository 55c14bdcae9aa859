import LbudCore
import Testing

@testable import LbuCommands

@Suite("lbu's command line")
struct LbuArgumentsTests {
  static func parse(_ program: String = "lbu", _ words: String...) throws(LbuArguments.Usage) -> LbuArguments {
    try LbuArguments.parse(program: Array(program.utf8), words.map { Array($0.utf8) })
  }

  static func usage(_ program: String = "lbu", _ words: String...) -> LbuArguments.Usage? {
    do throws(LbuArguments.Usage) {
      _ = try LbuArguments.parse(program: Array(program.utf8), words.map { Array($0.utf8) })
      return nil
    } catch {
      return error
    }
  }

  @Test(
    arguments: [
      ("commit", LbuArguments.Verb.commit), ("ci", .commit), ("diff", .diff), ("exclude", .exclude), ("ex", .exclude),
      ("delete", .exclude), ("include", .include), ("inc", .include), ("add", .include), ("list", .list), ("ls", .list),
      ("list-backup", .listBackup), ("lb", .listBackup), ("package", .package), ("pkg", .package),
      ("revert", .revert), ("status", .status), ("stat", .status), ("st", .status),
    ])
  func verbsAndTheirAliases(name: String, verb: LbuArguments.Verb) throws {
    #expect(try Self.parse("lbu", name).verb == verb)
    #expect(try Self.parse("lbu_\(name)").verb == verb)
  }

  @Test func optionsStandTogetherAndEndAtTheFirstName() throws {
    var expected = LbuArguments(verb: .commit)
    (expected.dryRun, expected.verbose, expected.deletes, expected.encrypts) = (true, true, true, true)
    expected.password = Secret(Array("geheim".utf8))
    expected.names = ["usb", "-v"].map { Array($0.utf8) }
    #expect(try Self.parse("lbu", "ci", "-nv", "-de", "-p", "geheim", "usb", "-v") == expected)
    #expect(try Self.parse("lbu", "ci", "-nvdepgeheim", "usb", "-v") == expected)
  }

  @Test func nothingBehindTwoDashesIsAnOption() throws {
    #expect(try Self.parse("lbu", "add", "-v", "--", "-v").names == [Array("-v".utf8)])
    #expect(try Self.parse("lbu", "pkg", "-").names == [Array("-".utf8)])
  }

  @Test func namesAreBytes() throws {
    let parsed = try LbuArguments.parse(program: Array("lbu".utf8), [Array("add".utf8), [0xff, 0x20, 0x0a]])
    #expect(parsed.names == [[0xff, 0x20, 0x0a]])
  }

  @Test func aPasswordIsNotShown() throws {
    let parsed = try Self.parse("lbu", "ci", "-p", "geheim")
    #expect(!"\(parsed)".contains("geheim"))
  }

  @Test func whatIsShownInstead() {
    #expect(Self.usage() == .init(code: 1, isAnswer: false))
    #expect(Self.usage("lbu", "-h") == .init(code: 0, isAnswer: true))
    #expect(Self.usage("lbu", "nonsense") == .init(code: 1, isAnswer: false))
    #expect(Self.usage("lbu", "ci", "-h") == .init(verb: .commit, code: 0, isAnswer: true))
    #expect(
      Self.usage("lbu", "ci", "-x")
        == .init(verb: .commit, code: 1, isAnswer: false, complaint: "illegal option -- x"))
    #expect(
      Self.usage("lbu", "ci", "-p")
        == .init(verb: .commit, code: 1, isAnswer: false, complaint: "option requires an argument -- p"))
    // As lbu has it: a usage that was not asked for, and a success.
    #expect(Self.usage("lbu", "ci", "-a") == .init(verb: .commit, code: 0, isAnswer: true))
    #expect(Self.usage("lbu", "st", "-n") == .init(verb: .status, code: 0, isAnswer: true))
  }
}
