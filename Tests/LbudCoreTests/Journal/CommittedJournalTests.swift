import LbudCore
import LbudTestSupport
import Testing

/// A commit takes its time, and people do not wait for it.
@Suite("A journal after a commit")
struct CommittedJournalTests {
  static let motd = BytePath("etc/motd")
  static let hosts = BytePath("etc/hosts")

  static func journal(saved: [BytePath: Fingerprint]) -> Journal { JournalTests.journal(saved: saved) }

  @Test func whatItHoldsIsClean() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    journal.observe(Self.motd, .file(2), at: .at(1))
    journal.observe(Self.hosts, .unread(), at: .at(2))
    let again = journal.committed([Self.motd: .file(2), Self.hosts: .file(7)], upTo: journal.generation)
    #expect(again.isEmpty)
    #expect(journal.isClean)
    #expect(journal.baseline == [Self.motd: .file(2), Self.hosts: .file(7)])
  }

  @Test func anEditDuringItStaysDirtyAndIsToBeLookedAtAgain() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    journal.observe(Self.motd, .file(2), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.hosts, .file(5), at: .at(2))
    journal.observe(Self.motd, .file(3), at: .at(3))
    let again = journal.committed([Self.motd: .file(2)], upTo: seen)
    #expect(Set(again) == [Self.motd, Self.hosts])
    #expect(Set(journal.changes.keys) == [Self.motd, Self.hosts])
  }

  @Test func anEditDuringItThatItHoldsIsCleanOnceLookedAt() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    journal.observe(Self.motd, .file(2), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.motd, .file(3), at: .at(2))
    // The archive read the file after the edit.
    #expect(journal.committed([Self.motd: .file(3)], upTo: seen) == [Self.motd])
    journal.observe(Self.motd, .file(3), at: .at(3))
    #expect(journal.isClean)
  }

  @Test func contentNobodyReadMayHaveChangedDuringIt() {
    var journal = Self.journal(saved: [:])
    journal.observe(Self.motd, .unread(), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.motd, .unread(), at: .at(2))
    #expect(journal.committed([Self.motd: .file(1)], upTo: seen) == [Self.motd])
  }

  @Test func anEditTakenBackDuringItDiffersFromWhatItHolds() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    journal.observe(Self.motd, .file(2), at: .at(1))
    let seen = journal.generation
    // The archive holds the second version; then the first one is put back: like the old snapshot, unlike the new one.
    journal.observe(Self.motd, .file(1), at: .at(2))
    let again = journal.committed([Self.motd: .file(2)], upTo: seen)
    for path in again { journal.observe(path, .file(1), at: .at(3)) }
    #expect(again == [Self.motd])
    #expect(journal.changes[Self.motd]?.kind == .modified)
  }

  @Test func aNewFileRemovedDuringItIsNotBackAfterTheNextBoot() {
    var journal = Self.journal(saved: [:])
    journal.observe(Self.motd, .file(2), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.motd, nil, at: .at(2))
    let again = journal.committed([Self.motd: .file(2)], upTo: seen)
    for path in again { journal.observe(path, nil, at: .at(3)) }
    #expect(journal.changes[Self.motd]?.kind == .deleted)
  }

  @Test func anEditThatOnlyTheArchiveSawIsLookedAtAgain() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    journal.observe(Self.hosts, .file(1), at: .at(1))
    let seen = journal.generation
    // Changed, read by the archive and changed back before the event was worked off.
    journal.observe(Self.motd, .file(1), at: .at(2))
    let again = journal.committed([Self.motd: .file(2), Self.hosts: .file(1)], upTo: seen)
    #expect(again == [Self.motd])
  }

  @Test func theKindIsToldByTheNewSnapshot() {
    var journal = Self.journal(saved: [:])
    journal.observe(Self.motd, .file(1), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.motd, .file(2), at: .at(2))
    for path in journal.committed([Self.motd: .file(1)], upTo: seen) { journal.observe(path, .file(2), at: .at(3)) }
    #expect(journal.changes[Self.motd]?.kind == .modified, "the new snapshot holds it: it is not added any more")
  }

  @Test func lookingAgainDoesNotMakeTheChangeYounger() {
    var journal = Self.journal(saved: [Self.motd: .file(1)])
    let seen = journal.generation
    journal.observe(Self.motd, .file(2), at: .at(2))
    for path in journal.committed([Self.motd: .file(1)], upTo: seen) { journal.observe(path, .file(2), at: .at(90)) }
    #expect(journal.oldest == .at(2) && journal.newest == .at(2))
  }
}
