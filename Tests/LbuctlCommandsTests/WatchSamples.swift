import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

@testable import LbuctlCommands

/// States and events to draw, at a time of their own.
enum Sample {
  /// 2026-11-24 22:10:01, which is shown as it is in UTC.
  static let wall: Double = {
    setenv("TZ", "UTC0", 1)
    tzset()
    return 1_795_558_201
  }()
  static let now = Instant(nanoseconds: 50_000_000_000)

  static let snapshot = SnapshotReport(
    name: "box.apkovl.tar.gz", size: 18_000, time: wall - 3600, entries: 41, reason: "idle")
  static let clean = PlanReport(state: .clean, sentence: "nothing to do: all that was changed is saved", at: nil)
  static let waiting = PlanReport(
    state: .waiting, sentence: "commit in 27 s, if nothing more changes (LBUD_IDLE=30)", at: wall + 27)
  static let committing = PlanReport(state: .committing, sentence: "a commit is being made", at: nil)

  static func change(_ path: String, _ kind: ChangeReport.Kind = .modified) -> ChangeReport {
    change(Array(path.utf8), kind)
  }

  static func change(_ path: [UInt8], _ kind: ChangeReport.Kind = .modified) -> ChangeReport {
    ChangeReport(path: WirePath(bytes: path), kind: kind, first: wall, last: wall, generation: 1)
  }

  static func status(
    _ plan: PlanReport = clean, pending: [ChangeReport] = [], total: Int? = nil, snapshot: SnapshotReport? = snapshot,
    media: MediaReport = MediaReport(path: "/media/usb", present: true, problem: nil), hold: HoldReport? = nil,
    problems: [ProblemReport] = [], lastError: FailureReport? = nil
  ) -> StatusReply {
    StatusReply(
      version: "1", host: "box", root: "/", media: media, snapshot: snapshot, pending: pending,
      counts: ChangeCounts(modified: total ?? pending.count), plan: plan, hold: hold, problems: problems,
      lastError: lastError)
  }

  static func state(_ status: StatusReply) -> WatchState { WatchState(status, now: now, wall: wall) }

  static func event(
    _ kind: EventReport.Kind, _ sentence: String = "", _ plan: PlanReport = clean, changes: Int = 0,
    progress: ProgressReport? = nil
  ) -> EventReport {
    var event = EventReport(
      time: wall, kind: kind, sentence: sentence, counts: ChangeCounts(modified: changes), plan: plan)
    event.progress = progress
    return event
  }
}

extension WatchState {
  mutating func take(_ event: EventReport) -> Bool { take(event, now: Sample.now, wall: Sample.wall) }

  /// The screen, its ends of lines bare.
  func text(_ rows: Int, _ columns: Int, after seconds: Int64 = 0) -> String {
    let size = TerminalScreen.Size(rows: rows, columns: columns)
    let lines = drawn(size, now: Sample.now + Seconds(seconds))
    return lines.map { line in
      String(line.text.reversed().drop { $0 == " " }.reversed())
    }
    .joined(separator: "\n")
  }
}
