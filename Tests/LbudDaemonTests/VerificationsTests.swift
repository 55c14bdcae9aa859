import LbudArchive
import LbudCore
import LbudProtocol
import Testing

@testable import LbudDaemon
@testable import LbudSystem

/// What is remembered of snapshots that were read, and what the log says of it.
@Suite struct VerificationsTests {
  private static func entry(
    _ name: String, size: UInt64 = 7, hash: String? = "aa", inode: UInt64 = 1
  ) -> HistoryEntry {
    let time = FileTime(seconds: 1_600_000_000, nanoseconds: 5)
    let isOld = !name.contains("apkovl")
    let facts = SnapshotFacts(host: "box", time: 1_700_000_000, reason: "idle", uid: 0, changedCount: 1)
    let account = hash.map {
      HistoryEntry.Account.record(
        SnapshotRecord(facts: facts, entryCount: 4, tarSize: 1, tarSHA256: $0, compressedSize: 1, spans: nil))
    }
    return HistoryEntry(
      name: Array(name.utf8), isInFolder: isOld, standing: isOld ? .old : .current, account: account ?? .none,
      isOwn: true,
      signature: .init(
        identity: FileIdentity(device: 1, inode: inode), size: size, modified: time, changed: time))
  }

  private static let current = entry("box.apkovl.tar.gz")

  private static func noted(_ verdict: Verification.Verdict, _ why: String? = nil) -> Verifications {
    var verifications = Verifications()
    verifications.note(Verification(entry: current, verdict: verdict, why: why), in: "/media/usb", at: 5)
    return verifications
  }

  @Test func whatIsFoundIsKnownOfThatFileAlone() {
    let verifications = Self.noted(.sound)
    #expect(verifications.result(of: Self.current, in: "/media/usb") == .init(time: 5, damage: nil))
    #expect(verifications.result(of: Self.current, in: "/media/other") == nil)
    #expect(verifications.result(of: Self.entry("box.apkovl.tar.gz", size: 8), in: "/media/usb") == nil)
    #expect(verifications.result(of: Self.entry("box.apkovl.tar.gz", hash: "bb"), in: "/media/usb") == nil)
    #expect(verifications.result(of: Self.entry("box.apkovl.tar.gz", hash: nil), in: "/media/usb") == nil)
  }

  @Test func itIsStillKnownWhenItHasBecomeAnOldOneOrHasAnotherInode() {
    let verifications = Self.noted(.damaged, "etc/motd: damaged")
    let old = Self.entry("box.20200913122640.tar.gz", inode: 9)
    #expect(verifications.result(of: old, in: "/media/usb") == .init(time: 5, damage: "etc/motd: damaged"))
  }

  @Test func whatWasNotCheckedIsNotNoted() {
    #expect(Self.noted(.sealed).result(of: Self.current, in: "/media/usb") == nil)
  }

  @Test func theLogTellsWhatWasFoundAndWhatTheNextCommitMakesOfOldOnes() throws {
    let old = Self.entry("box.20200913122640.tar.gz", hash: "bb")
    let decision = try #require(
      Retention.decisions(on: [old.name], host: Array("box".utf8), policy: .limit(0)).first)
    let log = Daemon.Log(
      media: "/media/usb", entries: [Self.current, old], next: [old.name: decision, Self.current.name: decision],
      verified: [.init(time: 5, damage: nil), .init(time: 6, damage: "etc/motd: damaged")])
    let entries = LogEntry.all(of: log)
    #expect(entries.map(\.verified) == [5, 6])
    #expect(entries.map(\.found) == [nil, "etc/motd: damaged"])
    #expect(entries.map(\.next) == [nil, .drop])
    #expect(entries.map(\.nextReason) == [nil, "beyond BACKUP_LIMIT=0"])
    #expect(entries.map(\.back) == [0, 1])
  }
}
