import LbudSystem
import LbudTestSupport
import Testing

@testable import LbudDaemon

/// What hangs with a medium is not waited for.
@Suite(.timeLimit(.minutes(1))) struct AttemptTests {
  private struct Broken: Error {}

  @Test func tellsWhatCameOfIt() async throws {
    #expect(try await Attempt { 7 }.ended(within: 30)?.get() == 7)
    let failed = await Attempt { () async throws -> Int in throw Broken() }.ended(within: 30)
    #expect(throws: Broken.self) { try failed?.get() }
    #expect(failed != nil)
  }

  @Test func isLeftAloneWhereItHangs() async throws {
    let medium = Semaphore()
    let attempt = Attempt {
      try await OwnThread.run(named: "test") {
        medium.wait()
        return 7
      }
    }
    #expect(await attempt.ended(within: 0) == nil)
    #expect(attempt.ended == nil)
    // It goes on by itself.
    medium.post()
    #expect(try await attempt.ended(within: 30)?.get() == 7)
  }
}
