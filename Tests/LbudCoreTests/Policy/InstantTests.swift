import LbudCore
import Testing

@Suite("A moment later")
struct InstantTests {
  @Test(
    "is so many nanoseconds later",
    arguments: [
      (Duration.zero, 5), (.nanoseconds(1), 6), (.milliseconds(1500), 1_500_000_005), (.seconds(3), 3_000_000_005),
      (.milliseconds(-1500), -1_499_999_995),
    ] as [(Duration, Int64)])
  func later(delay: Duration, expected: Int64) {
    #expect(Instant(nanoseconds: 5) + delay == Instant(nanoseconds: expected))
  }

  @Test(
    "is the last one there is, where it would be later still",
    arguments: [
      .seconds(Int64.max), .seconds(10), .nanoseconds(7),
    ] as [Duration])
  func last(delay: Duration) {
    #expect(Instant(nanoseconds: .max - 6) + delay == Instant(nanoseconds: .max))
  }
}
