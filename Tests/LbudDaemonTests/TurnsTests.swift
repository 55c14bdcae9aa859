import Testing

@testable import LbudDaemon

/// Who may only ask waits for others of the kind.
@Suite struct TurnsTests {
  @Test func oneAtATimeInTheirOrder() async {
    let turns = Turns()
    let facts = Facts()
    let first = await turns.take()
    let second = Task {
      facts.note("second asks")
      let turn = await turns.take()
      facts.note("second has it")
      return turn
    }
    await facts.wait(for: "second asks")
    facts.note("first ends")
    first.end()
    let turn = await second.value
    #expect(facts.all == ["second asks", "first ends", "second has it"])
    // Ended twice, it is not another's turn that ends.
    first.end()
    let third = Task {
      let turn = await turns.take()
      facts.note("third has it")
      turn.end()
    }
    facts.note("second ends")
    turn.end()
    await third.value
    #expect(facts.all.suffix(2) == ["second ends", "third has it"])
    // Free again.
    await turns.take().end()
  }
}
