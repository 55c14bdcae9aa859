import LbudSupervision
import Testing

@Suite struct NotifyMessageTests {
  @Test func saysWhatTheProtocolSays() {
    #expect(NotifyMessage.ready.text == "READY=1")
    #expect(NotifyMessage.stopping.text == "STOPPING=1")
    #expect(NotifyMessage.alive.text == "WATCHDOG=1")
    #expect(NotifyMessage.reloading(at: 1_234_567).text == "RELOADING=1\nMONOTONIC_USEC=1234567")
    #expect(NotifyMessage.extendTimeout(seconds: 30).text == "EXTEND_TIMEOUT_USEC=30000000")
    #expect(NotifyMessage.status("1 change unsaved").text == "STATUS=1 change unsaved")
  }

  @Test(arguments: ["\n", "\r", "\u{0}", "\u{85}", "\u{1b}", "\r\n"])
  func nothingBreaksOutOfTheStatus(control: String) {
    let text = NotifyMessage.status("no commit: /a\(control)STOPPING=1").text
    #expect(text.hasPrefix("STATUS=no commit: /a "))
    #expect(text.hasSuffix(" STOPPING=1"))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
  }

  @Test func isCutBetweenCharacters() {
    let text = NotifyMessage.status(String(repeating: "ü", count: 3000)).text
    #expect(text == "STATUS=" + String(repeating: "ü", count: 512) + "...")
    #expect(NotifyMessage.status(String(repeating: "x", count: 1024)).text.utf8.count == 1031)
  }
}
