import LbudCore
import LbudTestSupport
import Testing

/// Who watches is told what differs otherwise than it did.
@Suite("What has changed of the difference")
struct TouchedJournalTests {
  static let motd = BytePath("etc/motd")
  static let hosts = BytePath("etc/hosts")

  private var journal = JournalTests.journal()

  init() { journal.noteTouched() }

  @Test mutating func onlyOnceAndOnlyWhatIsOtherwise() {
    journal.observe(Self.motd, .file(2), at: .at(1))
    journal.observe(Self.hosts, nil, at: .at(1))
    #expect(journal.takeTouched() == [Self.motd])
    #expect(journal.takeTouched() == [])
    journal.observe(Self.motd, .file(2), at: .at(2))
    #expect(journal.takeTouched() == [])
    journal.observe(Self.motd, .file(3), at: .at(3))
    #expect(journal.takeTouched() == [Self.motd])
  }

  @Test mutating func whatIsAsItWasSavedAgain() {
    journal.observe(Self.motd, .file(2), at: .at(1))
    _ = journal.takeTouched()
    journal.observe(Self.motd, .file(1), at: .at(2))
    #expect(journal.takeTouched() == [Self.motd])
    journal.observe(Self.motd, .file(1), at: .at(3))
    #expect(journal.takeTouched() == [])
  }

  @Test mutating func contentThatNobodyReadIsNoNewsTwice() {
    journal.observe(Self.hosts, .unread(), at: .at(1))
    _ = journal.takeTouched()
    journal.observe(Self.hosts, .unread(), at: .at(2))
    #expect(journal.takeTouched() == [])
  }

  @Test mutating func notWhatACommitHasSaved() {
    journal.observe(Self.motd, .file(2), at: .at(1))
    let seen = journal.generation
    journal.observe(Self.hosts, .file(5), at: .at(2))
    _ = journal.committed([Self.motd: .file(2)], upTo: seen)
    #expect(journal.takeTouched() == [Self.hosts])
  }

  @Test mutating func anotherSnapshotIsSavedNow() {
    journal.observe(Self.motd, .file(2), at: .at(1))
    _ = journal.takeTouched()
    journal.replaceBaseline([Self.motd: .file(2), Self.hosts: .file(3)], at: .at(2))
    journal.observe(Self.motd, .file(2), at: .at(2))
    #expect(journal.takeTouched() == [Self.motd, Self.hosts])
  }

  @Test mutating func nothingIsNotedWhileNobodyAsks() {
    journal.forgetTouched()
    journal.observe(Self.motd, .file(2), at: .at(1))
    #expect(journal.takeTouched() == [])
    journal.noteTouched()
    journal.observe(Self.hosts, .file(2), at: .at(1))
    // To ask again forgets nothing.
    journal.noteTouched()
    #expect(journal.takeTouched() == [Self.hosts])
  }
}
