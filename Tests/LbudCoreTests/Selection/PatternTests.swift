import LbudCore
import Testing

@Suite("Patterns for one name")
struct PatternTests {
  @Test(
    arguments: [
      ("motd", "motd", true), ("motd", "motd2", false), ("motd", "mot", false), ("MOTD", "motd", false),
      ("*", "anything", true), ("*.conf", "ssh.conf", true), ("*.conf", "ssh.conf.bak", false), ("a*c", "ac", true),
      ("h?sts", "hosts", true), ("h?sts", "hsts", false), ("[hm]otd", "motd", true), ("[!m]otd", "motd", false),
      ("[a-c]x", "bx", true), ("[]]", "]", true), ("\\*", "*", true), ("\\*", "x", false),
      // A leading dot is not special: `*` reaches hidden files.
      ("*", ".git", true), ("?git", ".git", true), ("[.]git", ".git", true),
      // An open bracket stands for itself.
      ("[abc", "[abc", true), ("[abc", "a", false),
      ("", "", true), ("", "x", false),
    ])
  func matching(pattern: String, name: String, expected: Bool) {
    #expect(Pattern(pattern.utf8).matches(name.bytes) == expected)
  }

  @Test("a name is bytes: a ? is one byte, whatever the text would be")
  func bytesAboveASCII() {
    #expect(Pattern([0xff, 0xfe]).matches([0xff, 0xfe]))
    #expect(!Pattern([0xff]).matches([0xfe]))
    #expect(Pattern("*".utf8).matches([0xff, 0x80]))
    #expect(Pattern("a?".utf8).matches([UInt8(ascii: "a"), 0xe9]))
    #expect(!Pattern("?".utf8).matches("é".bytes))
    #expect(Pattern("??".utf8).matches("é".bytes))
    #expect(Pattern([0xe9, UInt8(ascii: "*")]).matches([0xe9, 0x31]))
  }

  @Test(
    arguments: [
      ("motd", nil), ("*.conf", nil), ("[ab]", nil), ("[]a]", nil), ("[!]a]", nil), ("\\[x", nil), ("a]", nil),
      ("...", nil), (".hidden", nil), ("[[:alpha:]]*", nil),
      ("a\r", "ends in a carriage return (saved with Windows line ends?)"),
      ("a\0b", "holds a NUL byte and can match nothing"),
      (".", "holds a '.' component and can match nothing"),
      ("..", "holds a '..' component and can match nothing"),
      ("", "holds an empty component (two slashes) and can match nothing"),
      ("[abc", "opens a bracket that is not closed: it is taken literally"),
      ("x[", "opens a bracket that is not closed: it is taken literally"),
      ("[]", "opens a bracket that is not closed: it is taken literally"),
      ("[!]", "opens a bracket that is not closed: it is taken literally"),
    ] as [(String, String?)])
  func flaws(pattern: String, expected: String?) {
    #expect(Pattern(pattern.utf8).flaw == expected)
  }

  @Test("what is said to match nothing matches nothing", arguments: ["a*\0b", "*\0", "?\0x", "a\0b"])
  func aNulByteMatchesNothing(pattern: String) {
    #expect(!Pattern(pattern.utf8).matches("a".bytes))
    #expect(!Pattern(pattern.utf8).matches("axx".bytes))
  }
}
