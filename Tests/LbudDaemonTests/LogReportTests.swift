import LbudArchive
import LbudCore
import LbudProtocol
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// What `io.lbud.Log` says of the snapshots there are.
@Suite struct LogReportTests {
  private static func entry(
    _ name: String, _ standing: HistoryEntry.Standing, _ account: HistoryEntry.Account = .none, isOwn: Bool = true
  ) -> HistoryEntry {
    let time = FileTime(seconds: 1_600_000_000, nanoseconds: 5)
    let signature = FileStatus.Signature(
      identity: FileIdentity(device: 1, inode: 2), size: 7, modified: time, changed: time)
    return HistoryEntry(
      name: Array(name.utf8), isInFolder: standing == .old, standing: standing, account: account, isOwn: isOwn,
      signature: signature)
  }

  private static var record: SnapshotRecord {
    var facts = SnapshotFacts(
      host: "box", time: 1_700_000_000, reason: "idle", uid: 3, user: "u", message: "m", changedCount: 9)
    facts.isReadBack = true
    return SnapshotRecord(
      facts: facts, entryCount: 4, tarSize: 1, tarSHA256: "", compressedSize: 1, spans: nil)
  }

  @Test func ofOneThatTheLoaderTakesItIsSure() {
    let entries = LogEntry.all(of: [
      Self.entry("box.apkovl.tar.gz", .current), Self.entry("box.20200102030405.tar.gz", .old),
    ])
    #expect(entries.map(\.boots) == [.yes, .no])
    // Whatever name it has.
    #expect(LogEntry.all(of: [Self.entry("other.apkovl.tar.gz", .rival, isOwn: false)]).map(\.boots) == [.yes])
  }

  @Test func besideARivalNothingIsSure() {
    let entries = LogEntry.all(of: [
      Self.entry("box.apkovl.tar.gz", .current), Self.entry("other.apkovl.tar.gz", .rival, isOwn: false),
      Self.entry("box.20200102030405.tar.gz", .old),
    ])
    #expect(entries.map(\.boots) == [.maybe, .maybe, .no])
  }

  @Test func onlyThisBoxsAreCounted() {
    let entries = LogEntry.all(of: [
      Self.entry("other.apkovl.tar.gz", .rival, isOwn: false), Self.entry("box.20200102030405.tar.gz", .old),
      Self.entry("other.20200102030404.tar.gz", .old, isOwn: false), Self.entry("box.20200102030403.tar.gz", .old),
    ])
    #expect(entries.map(\.back) == [nil, 0, nil, 1])
  }

  @Test func aRecordIsTold() throws {
    let entry = try #require(LogEntry.all(of: [Self.entry("box.apkovl.tar.gz", .current, .record(Self.record))]).first)
    #expect(entry.state == .recorded && entry.damage == nil)
    #expect(entry.time == 1_700_000_000 && entry.host == WirePath("box"))
    #expect(entry.reason == "idle" && entry.uid == 3 && entry.user == "u" && entry.message == "m")
    #expect(entry.changed == 9 && entry.entries == 4 && entry.aside == false && entry.readBack == true)
  }

  @Test func withoutARecordItsNameIsTold() throws {
    let entries = LogEntry.all(of: [
      Self.entry("box.20200102030405.tar.gz", .old), Self.entry("box.20200102030405.tar.gz.aes-256-cbc", .old, .sealed),
      Self.entry("box.20200102030405.tar.gz.aes-256-cbc", .old, .unopened("how")),
      Self.entry("box.x.20.yy.tar.gz", .old, .damaged("why")), Self.entry("a.apkovl.tar.gz.bak", .rival, isOwn: false),
    ])
    #expect(entries.map(\.state) == [.unrecorded, .sealed, .unopened, .damaged, .unrecorded])
    #expect(entries.map(\.time) == [1_577_934_245, 1_577_934_245, 1_577_934_245, 1_600_000_000, 1_600_000_000])
    #expect(entries.map(\.host) == [WirePath("box"), WirePath("box"), WirePath("box"), nil, WirePath("a")])
    #expect(entries.map(\.damage) == [nil, nil, "how", "why", nil])
    #expect(entries.allSatisfy { $0.reason == nil && $0.uid == nil && $0.readBack == nil && $0.aside == nil })
  }
}
