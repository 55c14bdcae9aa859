import ArgumentParser
import Testing

@testable import LbuctlCommands

@Suite("Commands with none but the common options")
struct PlainCommandTests {
  @Test(
    "are what the parser makes of the line",
    arguments: LbuctlCommand.plainCommands.indices,
    [
      [], ["--json"], ["--root", "/box"], ["--socket", "/run/s", "--json"], ["--json", "--root", "a", "--root", "b"],
      ["--root", "\u{10ff80}"],
    ])
  func sameAsParsed(index: Int, words: [String]) throws {
    let type = LbuctlCommand.plainCommands[index]
    // A wrapper says whether it was given a value, and which.
    let made: (any PlainCommand)? = type.plain(words)
    let plain = String(describing: try #require(made))
    let parsed = String(describing: try type.parseAsRoot(words))
    #expect(plain == parsed)
    #expect(!plain.contains("*definition*"))
  }

  @Test(
    "any other line is the parser's",
    arguments: LbuctlCommand.plainCommands.indices,
    [
      ["--root"], ["--root", "--json"], ["--root", ""], ["--root=/box"], ["--json=1"], ["-v"], ["--all"], ["x"], ["--"],
      ["--json", "-m", "why"], ["--help"],
    ])
  func others(index: Int, words: [String]) {
    let made: (any PlainCommand)? = LbuctlCommand.plainCommands[index].plain(words)
    #expect(made == nil)
  }
}
