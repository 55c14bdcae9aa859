import LbudCore
import LbudTestSupport
import Testing

/// Files that were touched and hold the same: no reason for a commit, but their time is saved with the next.
@Suite struct RetimedJournalTests {
  private static let motd = BytePath("etc/motd")
  private static let directory = Fingerprint(content: .directory, mode: 0o755, uid: 0, gid: 0)

  private static func saved(_ time: Int64, _ fingerprint: Fingerprint = .file(1)) -> SavedEntries {
    var builder = SavedEntriesBuilder()
    builder.add(motd, fingerprint, modificationTime: time)
    builder.endSpan()
    return builder.finish()
  }

  private static func journal(_ fingerprint: Fingerprint = .file(1)) -> Journal {
    var journal = Journal()
    journal.replaceBaseline(saved(10, fingerprint), at: .at(0))
    return journal
  }

  @Test func aTouchedFileIsCleanAndRetimed() {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(1), modified: 20, at: .at(1))
    #expect(journal.isClean && journal.retimed == [Self.motd: 20])
    journal.observe(Self.motd, .file(1), modified: 10, at: .at(2))
    #expect(journal.retimed.isEmpty)
  }

  @Test func directoriesAreNot() {
    var journal = Self.journal(Self.directory)
    journal.observe(Self.motd, Self.directory, modified: 20, at: .at(1))
    #expect(journal.retimed.isEmpty)
  }

  @Test func whatIsGoneOrNewIsNot() {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(1), modified: 20, at: .at(1))
    journal.observe(Self.motd, nil, at: .at(2))
    journal.observe(BytePath("etc/new"), .file(1), modified: 20, at: .at(2))
    #expect(journal.retimed.isEmpty)
  }

  @Test func aCommitThatHasTheNewTimeEndsIt() {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(1), modified: 20, at: .at(1))
    _ = journal.committed(Self.saved(10), upTo: journal.generation)
    #expect(journal.retimed == [Self.motd: 20], "copied as it was")
    _ = journal.committed(Self.saved(20), upTo: journal.generation)
    #expect(journal.retimed.isEmpty)
  }

  @Test func anotherBaselineKnowsNothingOfIt() {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(1), modified: 20, at: .at(1))
    journal.replaceBaseline(Self.saved(20), at: .at(2))
    #expect(journal.retimed.isEmpty)
  }
}
