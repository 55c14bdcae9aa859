import LbudCore
import LbudProtocol
import LbudSystem

/// How things stand, for Prometheus (its text format 0.0.4): a file for node_exporter's textfile collector.
struct StatusMetrics {
  /// Nil where lbud does not answer: that is what is to be told, then.
  let reply: StatusReply?
  /// Seconds since 1970.
  let now: Double

  init(reply: StatusReply?, now: Double) {
    self.reply = reply
    self.now = now
  }

  /// - Throws: `Failure`, but where lbud does not answer.
  init(_ connection: Connection) throws(Failure) {
    now = Double(SystemClock.wallNanoseconds()) / 1e9
    do throws(Failure) {
      reply = try connection.call("io.lbud.Status", StatusCall(limit: 1))
    } catch  where error.code == .noDaemon {
      reply = nil
    }
  }

  func say() { for line in lines { Voice.say(line) } }

  /// A gauge: what it means, and its value; nil where that is not known, so that it is not told.
  private var gauges: [(name: String, help: String, value: String?)] {
    let saved = reply.flatMap { $0.snapshot?.time }
    return [
      ("up", "Whether lbud answers.", reply == nil ? "0" : "1"),
      (
        "last_commit_timestamp_seconds", "When the snapshot was made that boots, in seconds since 1970.",
        saved.map(Self.number)
      ),
      ("pending_changes", "Paths that differ from that snapshot.", reply.map { "\($0.counts.total)" }),
      ("commit_failures", "Commits that have failed since the last one that did not.", reply.map { "\($0.failures)" }),
      (
        "degraded", "Whether something is not as it should be: lbuctl status tells what.",
        reply.map { Self.flag($0.degraded) }
      ),
      ("media_present", "Whether the media is there.", reply.map { Self.flag($0.media.present) }),
      (
        "media_free_bytes", "What the media had left when it was last looked at or saved to.",
        reply.flatMap { $0.media.free }.map { "\($0)" }
      ),
      ("held", "Whether somebody has it save nothing by itself.", reply.map { Self.flag($0.hold != nil) }),
      (
        "published", "Whether the newest snapshot is where LBUD_PUBLISH has it.",
        upload.map { Self.flag($0.state == .done) }
      ),
      ("publish_lag_seconds", "For how long the newest snapshot has not been there.", upload.flatMap(lag)),
      (
        "published_timestamp_seconds", "When a snapshot last came there, in seconds since 1970.",
        upload.flatMap(\.time).map(Self.number)
      ),
    ]
  }

  private func lag(_ upload: UploadReport) -> String? {
    if upload.state == .done { return "0" }
    return reply?.snapshot.map { Self.number(max(0, now - $0.time)) }
  }

  private var upload: UploadReport? { reply?.upload }

  var lines: [String] {
    gauges.flatMap { name, help, value in
      value.map { ["# HELP lbud_\(name) \(help)", "# TYPE lbud_\(name) gauge", "lbud_\(name) \($0)"] } ?? []
    }
  }

  private static func flag(_ value: Bool) -> String { value ? "1" : "0" }

  /// Whole seconds: nobody is alerted by parts of one.
  private static func number(_ seconds: Double) -> String { "\(Int64(seconds))" }
}
