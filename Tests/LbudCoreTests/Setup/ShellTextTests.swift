import LbudCore
import Testing

@Suite("Setting a variable in lbu.conf")
struct ShellTextTests {
  @Test(
    "the line that sets it is changed, and nothing else",
    arguments: [
      ("", "LBU_MEDIA=usb\n"),
      ("A=1", "A=1\nLBU_MEDIA=usb\n"),
      ("A=1\n", "A=1\nLBU_MEDIA=usb\n"),
      ("LBU_MEDIA=\nA=1\n", "LBU_MEDIA=usb\nA=1\n"),
      ("LBU_MEDIA=old", "LBU_MEDIA=usb"),
      ("A=1\n  LBU_MEDIA=\"my disk\"  # where it goes\nB=2\n", "A=1\n  LBU_MEDIA=usb  # where it goes\nB=2\n"),
      ("LBU_MEDIA='a b'; BACKUP_LIMIT=2\n", "LBU_MEDIA=usb; BACKUP_LIMIT=2\n"),
      ("LBU_MEDIA=a\\ b && X=1\n", "LBU_MEDIA=usb && X=1\n"),
      ("LBU_MEDIA=$disk\r\nA=1\r\n", "LBU_MEDIA=usb\r\nA=1\r\n"),
      ("# LBU_MEDIA=usb0\nA=1\n", "LBU_MEDIA=usb\nA=1\n"),
      ("#LBU_MEDIA=a\n#LBU_MEDIA=b\n", "LBU_MEDIA=usb\n#LBU_MEDIA=b\n"),
      ("#LBU_MEDIA=a\nLBU_MEDIA=b\n", "#LBU_MEDIA=a\nLBU_MEDIA=usb\n"),
      // Which of them counts is for sh to tell.
      ("if a; then\n LBU_MEDIA=b\nelse\n LBU_MEDIA=c\nfi\n", "if a; then\n LBU_MEDIA=usb\nelse\n LBU_MEDIA=usb\nfi\n"),
    ])
  func setting(before: String, after: String) {
    #expect(ShellText.setting("LBU_MEDIA", to: "usb".bytes, in: before.bytes) == after.bytes)
  }

  @Test(
    "what is not to be cut stays, and a line at the end wins",
    arguments: [
      "# set LBU_MEDIA=usb here\n", "# LBU_MEDIA=usb means /media/usb\n", "XLBU_MEDIA=a\n", "LBU_MEDIA2=a\n",
      "LBU_MEDIA=a program\n", "LBU_MEDIA=$(cat /x)\n", "LBU_MEDIA=`cat /x`\n", "LBU_MEDIA=\"a\nb\"\n",
      "LBU_MEDIA=${X:-usb}\n", "LBU_MEDIA=a\\\nb\n", "[ -e /x ] && LBU_MEDIA=a\n", "export LBU_MEDIA=a\n",
    ])
  func appended(text: String) {
    #expect(ShellText.setting("LBU_MEDIA", to: "usb".bytes, in: text.bytes) == (text + "LBU_MEDIA=usb\n").bytes)
  }

  @Test("bytes that are no UTF-8 stay")
  func bytes() {
    let text: [UInt8] = [0x23, 0xff, 0xfe, 0x0a, 0xe4]
    #expect(ShellText.setting("LBU_MEDIA", to: [0x75], in: text) == text + "\nLBU_MEDIA=u\n".bytes)
  }

  @Test(
    "words of sh",
    arguments: [
      ("usb", "usb"), ("LABEL=APKOVL", "LABEL=APKOVL"), ("my disk", "'my disk'"), ("", "''"), ("it's", "'it'\\''s'"),
      ("$x", "'$x'"), ("a\nb", "'a\nb'"), ("~", "'~'"), ("ä", "'ä'"), ("#", "'#'"),
    ])
  func quoted(value: String, word: String) {
    #expect(ShellText.quoted(value.bytes) == word.bytes)
  }
}
