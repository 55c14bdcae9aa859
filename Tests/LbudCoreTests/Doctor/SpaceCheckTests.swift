import Testing

@testable import LbudCore

/// Whether the next two commits find room. A block has 1,000 bytes, a snapshot 10; each commit needs 4 more for names.
@Suite struct SpaceCheckTests {
  private static func space(
    free: UInt64, olds: Int = 0, limit: Int = 3, copies: Bool = false, hasCurrent: Bool = true, files: UInt64? = nil
  ) -> SpaceFacts {
    SpaceFacts(
      path: "/media/usb", free: free * 1000, block: 1000, files: files, snapshot: 10_000, hasCurrent: hasCurrent,
      olds: [UInt64](repeating: 10_000, count: olds), limit: limit, copies: copies)
  }

  @Test(
    arguments: [
      (space(free: 24), "/media/usb has room for two more commits: 24 kB are free", true),
      (
        space(free: 23),
        "/media/usb has room for one more commit, and not for the one after it, which needs 14 kB where 13 kB are free",
        false
      ),
      (space(free: 13), "/media/usb has no room for a commit, which needs 14 kB where 13 kB are free", false),
      // The oldest of three goes with each commit.
      (space(free: 14, olds: 3), "/media/usb has room for two more commits: 14 kB are free", true),
      // And before it, where that is needed.
      (space(free: 4, olds: 3), "/media/usb has room for two more commits: 4 kB are free", true),
      (space(free: 3, olds: 3), "/media/usb has no room for a commit, which needs 14 kB where 13 kB are free", false),
      // The last whole one stays.
      (
        space(free: 4, olds: 1, limit: 0),
        "/media/usb has no room for a commit, which needs 14 kB where 4 kB are free", false
      ),
      (space(free: 14, limit: 0), "/media/usb has room for two more commits: 14 kB are free", true),
      // On FAT the old one is copied first.
      (space(free: 34, copies: true), "/media/usb has room for two more commits: 34 kB are free", true),
      (
        space(free: 33, copies: true),
        "/media/usb has room for one more commit, and not for the one after it, which needs 24 kB where 23 kB are free",
        false
      ),
      (
        space(free: 34, copies: true, hasCurrent: false),
        "/media/usb has room for two more commits: 34 kB are free", true
      ),
      (space(free: 99, files: 8), "/media/usb has room for two more commits: 99 kB are free", true),
      (space(free: 99, files: 7), "/media/usb takes only 7 more files", false),
    ] as [(SpaceFacts, String, Bool)])
  func twoCommits(facts: SpaceFacts, text: String, isOK: Bool) {
    let check = Check.space(facts)
    #expect(check.text == text)
    #expect(check.state == (isOK ? .ok : .failed))
    #expect((check.remedy == nil) == isOK)
  }

  @Test func whatToDo() {
    #expect(
      Check.space(Self.space(free: 1)).remedy
        == "lower BACKUP_LIMIT, remove old snapshots from its folder LBUD, or what else is on it")
    #expect(
      Check.space(Self.space(free: 99, files: 1)).remedy == "remove files that are not needed: df -i /media/usb")
  }

  @Test func noNumberIsTooLarge() {
    let facts = SpaceFacts(
      path: "/x", free: .max, block: .max, snapshot: .max, olds: [.max, .max], limit: 0, copies: true)
    #expect(Check.space(facts).id == .space)
    #expect(SpaceFacts(path: "/x", free: 0, block: 0, snapshot: 0).shortage(within: 2) != nil)
  }
}
