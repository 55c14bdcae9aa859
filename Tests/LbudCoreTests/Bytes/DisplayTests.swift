import LbudCore
import Testing

@Suite("Names shown to a person")
struct DisplayTests {
  @Test(
    "no name moves the cursor, forges a line or colours the terminal",
    arguments: [
      ("plain name", "plain name"), ("größe 退", "größe 退"), ("two\nlines", "two\\nlines"), ("a\tb", "a\\tb"),
      ("over\rwrite", "over\\rwrite"), ("\u{1b}[31mred", "\\x1b[31mred"), ("\u{7}bell", "\\x07bell"),
      ("\u{7f}", "\\x7f"), ("\u{9b}31m", "\\x9b31m"), ("\u{0}", "\\x00"), ("back\\slash", "back\\\\slash"),
      ("\\n", "\\\\n"), ("a\r\nb", "a\\r\\nb"), ("", ""),
    ])
  func escapes(name: String, expected: String) {
    #expect(displayText(of: name.utf8) == expected)
  }

  @Test(
    "what is no UTF-8 becomes U+FFFD",
    arguments: [
      ([0xff], "\u{fffd}"), ([0x61, 0x80, 0x62], "a\u{fffd}b"), ([0xc3], "\u{fffd}"),
      // An overlong slash must not become one.
      ([0xc0, 0xaf], "\u{fffd}\u{fffd}"),
    ] as [([UInt8], String)])
  func notText(name: [UInt8], expected: String) {
    #expect(displayText(of: name) == expected)
  }

  @Test(
    "no name turns the line around or breaks it by other than a newline",
    arguments: ["\u{202e}", "\u{202a}", "\u{2066}", "\u{2069}", "\u{2028}", "\u{2029}", "\u{200f}"])
  func directionAndLineSeparators(character: String) {
    #expect(!displayText(of: "a\(character)b".utf8).contains(character))
  }

  @Test func hexadecimalHasTwoDigitsAByte() {
    #expect(hexadecimal([0, 1, 0x0f, 0x10, 0xab, 0xff]) == "00010f10abff")
    #expect(hexadecimal([]) == "")
    #expect(hexadecimal(UInt8(7)) == "07")
  }
}
