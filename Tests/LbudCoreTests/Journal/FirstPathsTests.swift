import LbudTestSupport
import Testing

@testable import LbudCore

@Suite("The first of many changed paths")
struct FirstPathsTests {
  @Test("are those that come first when all are put in order", arguments: 1...10 as ClosedRange<UInt64>)
  func againstSorting(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let change = Change(kind: .added, first: .at(0), last: .at(0), generation: 1, now: nil)
    for count in [0, 1, 7, 8, 9, 100, 1000] {
      var changes: [BytePath: Change] = [:]
      while changes.count < count {
        let length = Int.random(in: 1...3, using: &numbers)
        let name = (0..<length).map { _ in UInt8.random(in: 0x30...0xff, using: &numbers) }
        changes[BytePath(bytes: Array("etc/".utf8) + name)] = change
      }
      for limit in [0, 1, 2, count / 8 - 1, count / 8, count, count + 1] where limit >= 0 {
        #expect(
          changes.firstPaths(limit) == Array(changes.keys.sorted().prefix(limit)), "seed \(seed), \(limit) of \(count)")
      }
    }
  }
}
