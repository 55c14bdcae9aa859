import LbudCore
import Testing

@testable import LbudSystem

/// What wakes a thread for tasks.
@Suite struct DoorbellTests {
  @Test func rungBeforeItIsKept() {
    let bell = Doorbell()
    bell.ring()
    bell.ring()
    // Each would last for ever, were it lost.
    bell.wait(until: nil)
    bell.ring()
    bell.wait(until: Instant(nanoseconds: .max))
  }

  @Test func aDeadlineThatHasComeIsNotWaitedFor() {
    let bell = Doorbell()
    bell.wait(until: SystemClock.now())
    bell.wait(until: Instant(nanoseconds: 0))
    bell.wait(until: Instant(nanoseconds: .min))
  }

  @Test func anotherThreadWakesIt() throws {
    let (bell, answer) = (Doorbell(), Doorbell())
    try OwnThread.start(named: "lbud-test") {
      bell.wait(until: nil)
      answer.ring()
    }
    bell.ring()
    answer.wait(until: nil)
  }
}
