import LbudCore
import Testing

/// A name in a diff stays on its line, and can be told from what follows.
@Suite struct QuotedNameTests {
  @Test(arguments: [
    ("etc/motd", "etc/motd"),
    ("etc/ünï-☃", "etc/ünï-☃"),
    ("etc/with space", "\"etc/with space\""),
    ("etc/ünï with space", "\"etc/ünï with space\""),
    ("two\nlines", "\"two\\nlines\""),
    ("tab\there", "\"tab\\there\""),
    ("a\"b\\c", "\"a\\\"b\\\\c\""),
    ("bell\u{7}\u{8}\u{b}\u{c}\r", "\"bell\\a\\b\\v\\f\\r\""),
    ("escape\u{1b}[31m\u{7f}", "\"escape\\033[31m\\177\""),
    // What turns the direction of the text around, and a control character that UTF-8 has beyond ASCII.
    ("a\u{202e}b", "\"a\\342\\200\\256b\""),
    ("a\u{9b}b", "\"a\\302\\233b\""),
    ("a\u{fffd}b", "a\u{fffd}b"),
  ])
  func isQuotedWhereItMustBe(name: String, quoted: String) {
    #expect(String(decoding: quotedName(name.utf8), as: UTF8.self) == quoted)
  }

  @Test func whatIsNoUTF8IsToldExactly() {
    #expect(quotedName(Array("caf".utf8) + [0xe9]) == Array("\"caf\\351\"".utf8))
    #expect(quotedName(Array("ü".utf8) + [0xff]) == Array("\"\\303\\274\\377\"".utf8))
  }

  /// Each byte comes back when the quotes are read as C reads them.
  @Test func everyByteComesBack() {
    let all = (UInt8(1)...255).map { $0 }
    let quoted = quotedName(all)
    #expect(!quoted.contains { $0 < 0x20 || $0 >= 0x7f })
    #expect(unquoted(quoted) == all)
  }

  private func unquoted(_ text: [UInt8]) -> [UInt8] {
    var rest = text.dropFirst().dropLast()
    var bytes: [UInt8] = []
    let letters = zip("abtnvfr".utf8, [7, 8, 9, 10, 11, 12, 13] as [UInt8])
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      if let number = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
        bytes.append(number)
        rest = rest.dropFirst(3)
      } else if let letter = rest.popFirst() {
        bytes.append(letters.first { $0.0 == letter }?.1 ?? letter)
      }
    }
    return bytes
  }
}
