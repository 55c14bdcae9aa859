import LbudProtocol
import Testing

@testable import LbuctlCommands

/// What node_exporter is given.
@Suite struct StatusMetricsTests {
  static func reply(
    snapshot: Double? = 1000, upload: UploadReport? = nil, free: Int? = 96_000, problems: [ProblemReport] = []
  ) -> StatusReply {
    StatusReply(
      version: "1", host: "box", root: "/",
      media: MediaReport(path: "/media/usb", present: true, problem: nil, free: free),
      snapshot: snapshot.map { SnapshotReport(name: "box.apkovl.tar.gz", size: 1, time: $0, entries: 1) }, pending: [],
      counts: ChangeCounts(added: 1, modified: 2), plan: PlanReport(state: .waiting, sentence: "", at: nil),
      upload: upload, problems: problems, lastError: nil, failures: 4)
  }

  static func values(_ reply: StatusReply?, now: Double = 1500) -> [String] {
    StatusMetrics(reply: reply, now: now).lines.filter { !$0.hasPrefix("#") }
  }

  @Test func allThereIs() {
    let upload = UploadReport(url: "https://srv/x", state: .failed, sentence: "", time: 900, next: nil)
    #expect(
      Self.values(Self.reply(upload: upload)) == [
        "lbud_up 1", "lbud_last_commit_timestamp_seconds 1000", "lbud_pending_changes 3", "lbud_commit_failures 4",
        "lbud_degraded 0", "lbud_media_present 1", "lbud_media_free_bytes 96000", "lbud_held 0", "lbud_published 0",
        "lbud_publish_lag_seconds 500", "lbud_published_timestamp_seconds 900",
      ])
  }

  @Test func whatIsPublishedLagsNot() {
    let upload = UploadReport(url: "https://srv/x", state: .done, sentence: "", time: 1001)
    #expect(Self.values(Self.reply(upload: upload)).contains("lbud_publish_lag_seconds 0"))
    #expect(Self.values(Self.reply(upload: upload)).contains("lbud_published 1"))
  }

  @Test func whatIsNotKnownIsNotTold() {
    let values = Self.values(Self.reply(snapshot: nil, free: nil))
    for name in ["last_commit", "media_free", "publish"] { #expect(!values.contains { $0.contains(name) }) }
  }

  @Test func whereLbudDoesNotAnswerThatIsTold() {
    #expect(Self.values(nil) == ["lbud_up 0"])
  }

  /// prometheus.io, "Exposition formats": a name has its help and its type before it.
  @Test func everyValueHasItsHelpAndItsType() {
    let lines = StatusMetrics(reply: Self.reply(), now: 1500).lines
    #expect(lines.count % 3 == 0)
    for start in stride(from: 0, to: lines.count, by: 3) {
      let name = lines[start + 2].split(separator: " ")[0]
      #expect(lines[start].hasPrefix("# HELP \(name) "))
      #expect(lines[start + 1] == "# TYPE \(name) gauge")
    }
  }
}
