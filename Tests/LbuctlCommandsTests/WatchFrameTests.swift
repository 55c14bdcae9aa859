import LbudSystem
import Testing

@testable import LbuctlCommands

@Suite("What is written to the screen")
struct WatchFrameTests {
  private let size = TerminalScreen.Size(rows: 3, columns: 5)

  @Test func onlyWhatDiffers() {
    var frame = WatchFrame(hasColours: false)
    let lines = [WatchLine("one", .strong), WatchLine("12345"), WatchLine("")]
    // A full line is not erased behind its end, where the cursor stands on its last letter.
    let first = frame.change(to: lines, size)
    #expect(first == "\u{1b}[2J\u{1b}[1;1Hone\u{1b}[K\u{1b}[2;1H12345")
    let second = frame.change(to: lines, size)
    #expect(second == "")
    let third = frame.change(to: [lines[0], WatchLine(""), lines[2]], size)
    #expect(third == "\u{1b}[2;1H\u{1b}[K")
  }

  @Test func everythingAfterAnotherSizeOrAnotherProgram() {
    var frame = WatchFrame(hasColours: true)
    let lines = [WatchLine("one", .strong)]
    let all = "\u{1b}[1;1H\u{1b}[1mone\u{1b}[0m\u{1b}[K"
    let first = frame.change(to: lines, size)
    #expect(first == "\u{1b}[2J" + all)
    let second = frame.change(to: lines, TerminalScreen.Size(rows: 1, columns: 9))
    #expect(second == "\u{1b}[2J" + all)
    frame.forget()
    let third = frame.change(to: lines, TerminalScreen.Size(rows: 1, columns: 9))
    #expect(third == all)
  }

  @Test(arguments: [
    ("one two three", 80, ["one two three"]), ("one two three", 8, ["one two", "  three"]),
    ("  one two three", 9, ["  one two", "    three"]), ("onetwothree", 4, ["onetwothree"]),
    ("a onetwothree b", 4, ["a", "  onetwothree b"]), ("1 2 3 4 5 6 7", 3, ["1 2", "  3", "  4 5 6 7"]), ("", 1, [""]),
    ("   ", 1, ["   "]),
  ])
  func longSentencesAreBrokenAtBlanks(text: String, columns: Int, expected: [String]) {
    #expect(WatchLine(text).wrapped(columns, most: 3).map(\.text) == expected)
  }
}
