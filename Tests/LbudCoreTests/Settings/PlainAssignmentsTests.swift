import LbudCore
import Testing

@Suite("Settings that are read without a shell")
struct PlainAssignmentsTests {
  private func values(_ text: String) -> [String: String]? {
    PlainAssignments(Array(text.utf8), names: Settings.keys)?.values.mapValues { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("", [:]),
    ("\n\n \t\n# LBU_MEDIA=usb\n  # é, 'and so on\n", [:]),
    ("LBU_MEDIA=usb", ["LBU_MEDIA": "usb"]),
    ("LBU_MEDIA=usb\nBACKUP_LIMIT=3\n", ["LBU_MEDIA": "usb", "BACKUP_LIMIT": "3"]),
    ("  LBU_MEDIA=usb \t# where it goes\n", ["LBU_MEDIA": "usb"]),
    ("LBU_MEDIA=usb\nLBU_MEDIA=\n", ["LBU_MEDIA": ""]),
    ("PASSWORD='a b\"$`\\#;'\n", ["PASSWORD": "a b\"$`\\#;"]),
    ("PASSWORD=\"it's # not\" # a comment\n", ["PASSWORD": "it's # not"]),
    ("LBUD_KEEP=''\n", ["LBUD_KEEP": ""]),
    ("LBUD_PUBLISH=https://a.example:8443/b_1/%2B", ["LBUD_PUBLISH": "https://a.example:8443/b_1/%2B"]),
  ])
  func arePlain(_ text: String, _ expected: [String: String]) { #expect(values(text) == expected) }

  @Test(arguments: [
    "LBU_MEDIA=$X", "LBU_MEDIA=`x`", "LBU_MEDIA=a\\ b", "LBU_MEDIA=~/x", "LBU_MEDIA=a*", "LBU_MEDIA=a?",
    "LBU_MEDIA=[a]", "LBU_MEDIA={a,b}", "LBU_MEDIA=a;", "LBU_MEDIA=a&", "LBU_MEDIA=a|b", "LBU_MEDIA=(a)",
    "LBU_MEDIA=a>b", "LBU_MEDIA=!a", "LBU_MEDIA=a#b", "LBU_MEDIA='a'b", "LBU_MEDIA='a''b'", "LBU_MEDIA=a'b'",
    "LBU_MEDIA='a", "LBU_MEDIA=\"a", "LBU_MEDIA='a\nb'", "LBU_MEDIA=\"$X\"", "LBU_MEDIA=\"a\\\"\"",
    "LBU_MEDIA=\"`a`\"", "LBU_MEDIA='é'", "LBU_MEDIA=é", "LBU_MEDIA=a BACKUP_LIMIT=1", "LBU_MEDIA=a true",
    "LBU_MEDIA = a", "LBU_MEDIA", "export LBU_MEDIA=a", "true", "IFS=a", "PATH=/x", "lbu_media=a", "=a",
    "LBU_MEDIA=a\r\n", "LBU_MEDIA=a # b\\\nc", "# b\\\nLBU_MEDIA=a", "LBU_MEDIA=a\0", "# a\0b", ". /x",
    "LBU_MEDIA='a'#b", "\u{feff}LBU_MEDIA=a", "LBU_MEDIA+=a",
  ])
  func areAShells(_ text: String) { #expect(values(text) == nil) }
}
