import LbudCore
import Testing

@Suite("How wide a text is on a terminal")
struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("etc/motd", 8), ("größe", 5), ("gro\u{308}ße", 5), ("中文", 4), ("한글", 4), ("ｆｕｌｌ", 8), ("a\u{200b}b", 2),
    ("\u{fffd}", 1), ("🚀", 2),
  ])
  func width(text: String, expected: Int) {
    #expect(displayWidth(of: text) == expected)
  }

  @Test(arguments: [
    ("abcd", 4, "abcd"), ("abcde", 4, "abc>"), ("abcde", 1, ">"), ("abcde", 0, ""), ("", 0, ""), ("中文", 4, "中文"),
    ("中文字", 4, "中>"), ("中文字", 5, "中文>"), ("o\u{308}o\u{308}o", 2, "o\u{308}>"), ("中", 1, ">"),
  ])
  func cut(text: String, columns: Int, expected: String) {
    #expect(text.cut(toColumns: columns) == expected)
  }

  @Test func aSentenceKeepsItsBackslashesAndNothingElse() {
    #expect(harmlessText(of: "a\\nb") == "a\\nb")
    #expect(harmlessText(of: "a\\n\u{1b}[2Jb\r\n\u{9b}\u{202e}") == "a\\n\\x1b[2Jb\\r\\n\\x9b\\u{202e}")
  }
}
