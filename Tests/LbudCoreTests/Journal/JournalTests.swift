import LbudCore
import LbudTestSupport
import Testing

@Suite("What differs from the last snapshot")
struct JournalTests {
  static let motd = BytePath("etc/motd")
  static let hosts = BytePath("etc/hosts")

  static func journal(saved: [BytePath: Fingerprint] = [motd: .file(1)]) -> Journal {
    var journal = Journal()
    journal.replaceBaseline(saved, at: .at(0))
    for (path, fingerprint) in saved { journal.observe(path, fingerprint, at: .at(0)) }
    return journal
  }

  @Test func aNewJournalIsCleanAndKnowsNoBaseline() {
    let journal = Journal()
    #expect(journal.isClean)
    #expect(journal.baseline == nil)
    #expect(journal.oldest == nil && journal.newest == nil && journal.generation == 0)
  }

  @Test func withoutABaselineAllThatASnapshotWouldHoldIsAdded() {
    var journal = Journal()
    journal.observe(Self.motd, .file(1), at: .at(3))
    journal.observe(Self.hosts, nil, at: .at(4))
    #expect(journal.changes.mapValues(\.kind) == [Self.motd: .added])
  }

  @Test(
    "what kind of change it is",
    arguments: [
      (nil, .file(1), .added), (.file(1), nil, .deleted), (.file(1), .file(2), .modified),
      (.file(1), .file(1, size: 11), .modified), (.file(1), .file(1, mode: 0o600), .metadata),
      (.file(1), .file(1, uid: 1), .metadata), (.file(1), .file(1, gid: 1), .metadata),
      (.file(1), .file(2, mode: 0o600), .modified), (.symlink("a"), .symlink("b"), .modified),
      (.file(1), .symlink("a"), .modified), (.directory, .file(1), .modified), (.directory, nil, .deleted),
      (.file(1), .unread(), .modified), (.file(1), .file(1), nil), (.symlink("a"), .symlink("a"), nil), (nil, nil, nil),
    ] as [(Fingerprint?, Fingerprint?, Change.Kind?)])
  func kinds(saved: Fingerprint?, now: Fingerprint?, expected: Change.Kind?) {
    var journal = Self.journal(saved: saved.map { [Self.motd: $0] } ?? [:])
    journal.observe(Self.motd, now, at: .at(5))
    #expect(journal.changes[Self.motd]?.kind == expected)
    #expect(journal.isClean == (expected == nil))
    #expect(Change.Kind.allCases.allSatisfy { journal.changes(ofKind: $0) == ($0 == expected ? 1 : 0) })
  }

  @Test func changedAndChangedBackIsClean() {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(2), at: .at(5))
    journal.observe(Self.motd, .file(1), at: .at(6))
    #expect(journal.isClean)
    #expect(journal.oldest == nil && journal.newest == nil)
  }

  @Test func firstStaysAndLastMoves() throws {
    var journal = Self.journal()
    journal.observe(Self.motd, .file(2), at: .at(5))
    let generation = journal.generation
    journal.observe(Self.motd, .file(3), at: .at(9))
    let change = try #require(journal.changes[Self.motd])
    #expect(change.first == .at(5) && change.last == .at(9))
    #expect(change.generation == generation + 1 && journal.generation == generation + 1)
    #expect(change.now == .file(3))
    #expect(journal.oldest == .at(5) && journal.newest == .at(9))
  }

  @Test(
    "the same look twice is no news", arguments: [.file(2), nil, .unread(size: 0), .symlink("x")] as [Fingerprint?])
  func sameAgain(now: Fingerprint?) {
    var journal = Self.journal()
    journal.observe(Self.motd, now, at: .at(5))
    let before = journal.changes
    journal.observe(Self.motd, now, at: .at(50))
    #expect(journal.changes == before)
    #expect(journal.newest == .at(5), "a look that finds nothing must not put the commit off")
  }

  @Test func contentThatNobodyReadAlwaysCountsAsNews() throws {
    var journal = Self.journal(saved: [:])
    journal.observe(Self.motd, .unread(), at: .at(5))
    let generation = journal.generation
    journal.observe(Self.motd, .unread(), at: .at(6))
    let change = try #require(journal.changes[Self.motd])
    #expect(change.generation == generation + 1)
    #expect(change.first == .at(5) && change.last == .at(6))
  }

  @Test func aChangeThatWasTakenBackIsNotTheNewestThatWaits() {
    var journal = Self.journal(saved: [Self.motd: .file(1), Self.hosts: .file(1)])
    journal.observe(Self.hosts, .file(2), at: .at(10))
    journal.observe(Self.motd, .file(2), at: .at(20))
    journal.observe(Self.motd, .file(1), at: .at(21))
    #expect(journal.newest == .at(10))
  }

  @Test(
    "a file is read only where size alone does not tell",
    arguments: [
      (.file(1, size: 10), 10, true), (.file(1, size: 10), 11, false), (.symlink("a"), 10, false),
      (.directory, 10, false),
      (nil, 10, false),
    ] as [(Fingerprint?, UInt64, Bool)])
  func needsDigest(saved: Fingerprint?, size: UInt64, expected: Bool) {
    #expect(Self.journal(saved: saved.map { [Self.motd: $0] } ?? [:]).needsDigest(Self.motd, size: size) == expected)
    #expect(!Journal().needsDigest(Self.motd, size: size))
  }

  // MARK: Another snapshot becomes what is saved

  @Test func afterAnotherBaselineAllOfItIsMissingUntilItIsSeen() {
    var journal = Self.journal()
    journal.replaceBaseline([Self.motd: .file(1), Self.hosts: .file(2)], at: .at(7))
    #expect(journal.changes.mapValues(\.kind) == [Self.motd: .deleted, Self.hosts: .deleted])
    journal.observe(Self.motd, .file(1), at: .at(8))
    journal.observe(Self.hosts, .file(3), at: .at(8))
    #expect(journal.changes.mapValues(\.kind) == [Self.hosts: .modified])
  }

  @Test func whenTheMediaIsGoneNothingIsSaved() {
    var journal = Self.journal()
    let generation = journal.generation
    journal.replaceBaseline(nil, at: .at(7))
    #expect(journal.isClean && journal.baseline == nil)
    journal.observe(Self.motd, .file(1), at: .at(8))
    #expect(journal.changes[Self.motd]?.kind == .added)
    #expect(journal.generation > generation, "generations never go back")
  }
}
