import LbudCore
import LbudTestSupport
import Testing

@Suite("The first of many")
struct SmallestTests {
  @Test("are those that come first when all are put in order", arguments: 1...10 as ClosedRange<UInt64>)
  func againstSorting(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    for count in [0, 1, 7, 8, 9, 100, 1000] {
      let all = (0..<count).map { _ in Int.random(in: 0..<(count / 2 + 1), using: &numbers) }
      for limit in [0, 1, 2, count / 8 - 1, count / 8, count, count + 1] where limit >= 0 {
        #expect(all.smallest(limit) == Array(all.sorted().prefix(limit)), "seed \(seed), \(limit) of \(count)")
      }
    }
  }
}
