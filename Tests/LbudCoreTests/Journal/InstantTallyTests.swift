import LbudTestSupport
import Testing

@testable import LbudCore

@Suite("How many things there are of each moment")
struct InstantTallyTests {
  @Test("the first and the last are those of a naive list", arguments: 1...20 as ClosedRange<UInt64>)
  func againstNaiveList(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    var tally = InstantTally()
    var naive: [Instant] = []
    var clock: Int64 = 0
    for step in 0..<3000 {
      clock += Int64.random(in: 0...2, using: &numbers)
      if !naive.isEmpty, Int.random(in: 0..<100, using: &numbers) < (step / 500 % 2 == 0 ? 30 : 70) {
        tally.remove(naive.remove(at: Int.random(in: 0..<naive.count, using: &numbers)))
      } else {
        // Nearly always in their order, as in a journal.
        let isLate = Int.random(in: 0..<20, using: &numbers) == 0
        let instant = Instant.at(isLate ? Int64.random(in: 0...clock, using: &numbers) : clock)
        naive.append(instant)
        tally.add(instant)
      }
      try #require(tally.first == naive.min(), "seed \(seed), step \(step)")
      try #require(tally.last == naive.max(), "seed \(seed), step \(step)")
    }
    #expect(InstantTally(naive.shuffled(using: &numbers)).first == naive.min())
  }

  @Test("a moment that stays for ever does not keep those that went after it")
  func boundedMemory() {
    var tally = InstantTally()
    tally.add(.at(0))
    tally.add(.at(1))
    for time in 2..<100_000 as Range<Int64> {
      tally.add(.at(time))
      tally.remove(.at(time - 1))
    }
    #expect(tally.placeCount < 100)
    #expect(tally.first == .at(0))
    #expect(tally.last == .at(99_999))
  }

  @Test("what was not added is not removed")
  func strangers() {
    var tally = InstantTally()
    tally.remove(.at(1))
    #expect(tally.first == nil)
    tally.add(.at(2))
    tally.remove(.at(3))
    tally.remove(.at(1))
    #expect(tally.first == .at(2))
    tally.remove(.at(2))
    tally.remove(.at(2))
    #expect(tally.last == nil)
    tally.add(.at(1))
    #expect(tally.first == .at(1))
  }
}
