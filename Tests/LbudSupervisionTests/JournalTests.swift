import Glibc
import LbudTestSupport
import Logging
import Testing

@testable import LbudSupervision

@Suite struct JournalTests {
  private func fields(_ message: String, level: Logger.Level = .notice, _ metadata: Logger.Metadata = [:]) -> [String] {
    let event = LogEvent(
      level: level, message: "\(message)", metadata: nil, source: nil, file: "A/B.swift", function: "f(_:)", line: 7)
    return JournalFields(event, label: "lbud", metadata: metadata).fields.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func hasTheFieldsOfTheJournal() {
    #expect(
      fields("saved\n2", ["reason": "idle", "a-b c": "x\ny"]) == [
        "MESSAGE=saved\n2", "PRIORITY=5", "SYSLOG_IDENTIFIER=lbud", "CODE_FILE=A/B.swift", "CODE_LINE=7",
        "CODE_FUNC=f(_:)", "LBUD_A_B_C=x\ny", "LBUD_REASON=idle",
      ])
  }

  @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
  func countsAsSyslogDoes(level: Logger.Level, priority: Int) {
    #expect(fields("x", level: level)[1] == "PRIORITY=\(priority)")
  }

  @Test func namesOfFieldsAreAllowedOnes() {
    #expect(JournalFields.name(of: "größe") == "LBUD_GR_SSE" || JournalFields.name(of: "größe") == "LBUD_GR__E")
    #expect(JournalFields.name(of: String(repeating: "x", count: 100)).utf8.count == 64)
    #expect(JournalFields.name(of: "=\n") == "LBUD___")
  }

  @Test func knowsWhetherADescriptorIsTheJournals() throws {
    let directory = TemporaryDirectory()
    let descriptor = open(directory.path + "/x", O_CREAT | O_WRONLY, 0o600)
    defer { close(descriptor) }
    var status = stat()
    try #require(fstat(descriptor, &status) == 0)
    let (device, inode) = (status.st_dev, status.st_ino)
    #expect(LogDestination.isJournal(descriptor: descriptor, stream: "\(device):\(inode)"))
    for stream in [nil, "", ":", "\(device)", "\(device):\(inode):", "\(device):\(inode + 1)", "x:\(inode)", "-1:-1"] {
      #expect(!LogDestination.isJournal(descriptor: descriptor, stream: stream), "\(stream ?? "nil")")
    }
    #expect(!LogDestination.isJournal(descriptor: 1000, stream: "\(device):\(inode)"))
  }
}
