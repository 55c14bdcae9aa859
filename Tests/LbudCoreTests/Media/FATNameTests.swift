import LbudCore
import Testing

/// What is said here was compared with Linux 6.1: 330 names, these among them, made on a vfat that was mounted with utf8,
/// and what its directories held then.
@Suite("Names on vfat")
struct FATNameTests {
  @Test(
    "names it takes as they are",
    arguments: [
      "A", "box.apkovl.tar.gz", "box.20240229123456.tar.gz", "LBUD", ".hidden", " a", "a b", "größe", "😀", "a\u{7f}",
      "[a];,+=", "$%'`-@{}~!#()&_^", "NUL", "a..b", "e\u{301}",
    ])
  func taken(name: String) {
    #expect(FATName.objection(to: name.bytes) == nil)
  }

  @Test(
    "names it does not take, and why",
    arguments: [
      ("", "an empty name is not allowed there"), ("a:b", "\":\" is not allowed there"),
      ("a*", "\"*\" is not allowed there"), ("a/b", "\"/\" is not allowed there"), ("<a", "\"<\" is not allowed there"),
      (">a", "\">\" is not allowed there"), ("a?", "\"?\" is not allowed there"), ("a|b", "\"|\" is not allowed there"),
      ("a\\b", "\"\\\" is not allowed there"), ("a\"b", "'\"' is not allowed there"),
      ("a\u{0}b", "a control character is not allowed there"), ("a\n", "a control character is not allowed there"),
      ("\u{1f}a", "a control character is not allowed there"), ("a\r\nb", "a control character is not allowed there"),
      (".", "a name of only dots and spaces is not allowed there"),
      ("...", "a name of only dots and spaces is not allowed there"),
      (" ", "a name of only dots and spaces is not allowed there"),
      (". .", "a name of only dots and spaces is not allowed there"), ("a.", "a dot at the end is cut off there"),
      ("a...", "a dot at the end is cut off there"), ("a .", "a dot at the end is cut off there"),
      ("a ", "a space at the end is not allowed there"), ("a. ", "a space at the end is not allowed there"),
    ])
  func refused(name: String, objection: String) {
    #expect(FATName.objection(to: name.bytes) == objection)
  }

  @Test(
    "names that are not UTF-8",
    arguments: [[0xff], [0x61, 0x80], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80, 0x78], [0xf4, 0x90, 0x80, 0x80]]
      as [[UInt8]])
  func notText(name: [UInt8]) {
    #expect(FATName.objection(to: name) == "a name that is not UTF-8 is not allowed there")
    #expect(FATName.entries(for: name) == 2)
  }

  @Test(
    "a name has at most 255 UTF-16 units",
    arguments: [("a", 255), ("ä", 255), ("退", 255), ("😀", 127)])
  func length(character: String, most: Int) {
    #expect(FATName.objection(to: String(repeating: character, count: most).bytes) == nil)
    #expect(
      FATName.objection(to: String(repeating: character, count: most + 1).bytes)
        == "a name of more than 255 UTF-16 units is not allowed there")
  }

  @Test(
    "entries of a directory",
    arguments: [
      // Short names.
      ("A", 1), ("1", 1), ("LBUD", 1), ("ABCDEFGH", 1), ("ABCDEFGH.TXT", 1), ("12345678.123", 1), ("A.B", 1),
      ("$%'`-@{}", 1), ("~!#()&_^", 1), ("A-B.C_D", 1), ("", 1), ("A.", 1), ("ABCDEFGH...", 1),
      // One that is not short as it is written needs the long one too.
      ("a", 2), ("readme.txt", 2), ("README.txt", 2), ("ABCDEFGHI", 2), ("ABCDEFGH.TXTX", 2), ("NEW.1234", 2),
      ("A.B.C", 2), (".A", 2), ("A B", 2), (" A", 2), ("A+B", 2), ("A,B", 2), ("A;B", 2), ("A=B", 2), ("A[B", 2),
      ("A]B", 2), ("A\u{7f}", 2), ("Ä", 2), ("😀", 2),
      // 13 units an entry.
      ("AAAAAAAAAAAAA", 2), ("AAAAAAAAAAAAAA", 3), ("AAAAAAAAAAAAA.", 2), ("box.apkovl.tar.gz", 3),
      ("ääääääääääääää", 3), ("😀😀😀😀😀😀", 2), ("😀😀😀😀😀😀😀", 3),
    ])
  func entries(name: String, expected: Int) {
    #expect(FATName.entries(for: name.bytes) == expected)
  }

  @Test func theLongestNameTakes21() {
    for character in ["a", "A", "ä"] {
      #expect(FATName.entries(for: String(repeating: character, count: 255).bytes) == 21)
      #expect(FATName.entries(for: String(repeating: character, count: 247).bytes) == 20)
    }
  }

  @Test func cutAnywhereANameStillHasAnAnswer() {
    let name = "größe 退😀.\u{301}A:b".bytes
    for cut in 0...name.count {
      let part = Array(name[..<cut])
      #expect((1...3).contains(FATName.entries(for: part)), "cut at byte \(cut)")
      if String(validating: part, as: UTF8.self) == nil {
        #expect(FATName.objection(to: part) == "a name that is not UTF-8 is not allowed there", "cut at byte \(cut)")
      }
    }
  }

  @Test("every byte as a name", arguments: 0...255 as ClosedRange<UInt8>)
  func everyByte(byte: UInt8) {
    let isTaken = byte > 0x20 && byte < 0x80 && !"\"*/:<>?\\|.".utf8.contains(byte)
    #expect((FATName.objection(to: [byte]) == nil) == isTaken)
  }
}
