import LbudCore
import Testing

@Suite struct LineRationTests {
  private var ration = LineRation(most: 3, in: 60)

  private mutating func take(_ count: Int, at seconds: Int64) -> [LineRation.Verdict] {
    (0..<count).map { _ in ration.take(at: Instant(nanoseconds: 0) + Seconds(seconds)) }
  }

  @Test mutating func aFewAreAllWritten() {
    #expect(take(3, at: 5) == [.write, .write, .write])
    #expect(ration.takeOmitted() == 0)
  }

  @Test mutating func theFirstThatIsLeftOutSaysWhenToTell() {
    #expect(take(2, at: 5) == [.write, .write])
    #expect(take(3, at: 40) == [.write, .omit(tellAt: Instant(nanoseconds: 65_000_000_000)), .omit(tellAt: nil)])
    #expect(ration.takeOmitted() == 2)
    #expect(ration.takeOmitted() == 0)
    // Told of too early, the rest is told of as well.
    #expect(take(1, at: 64) == [.omit(tellAt: Instant(nanoseconds: 65_000_000_000))])
  }

  @Test mutating func whenTheTimeIsOverLinesAreWrittenAgain() {
    _ = take(10_000, at: 0)
    #expect(take(1, at: 59) == [.omit(tellAt: nil)])
    #expect(take(4, at: 60).prefix(3) == [.write, .write, .write])
    // Of those of before nobody has asked yet: they are told together, once.
    #expect(take(1, at: 61) == [.omit(tellAt: nil)])
    #expect(ration.takeOmitted() == 10_000)
  }

  @Test mutating func aFloodOfAnHourIsAFewLines() {
    var written = 0
    for second in 0..<3600 { written += take(100, at: Int64(second)).count { $0 == .write } }
    #expect(written == 60 * 3)
  }

  @Test mutating func atTheEndOfTimeToo() {
    let end = Instant(nanoseconds: .max)
    for _ in 0..<4 { _ = ration.take(at: end) }
    #expect(ration.takeOmitted() <= 1)
  }
}
