import LbudCore
import Testing

/// When a snapshot is sent.
@Suite struct UploadScheduleTests {
  let one: UploadSchedule.Target
  let two: UploadSchedule.Target
  let start = Instant(nanoseconds: 0)
  static let failure = UploadFailure("503, the server has too much to do", hint: "lbud tries again")

  init() throws {
    let address = try UploadAddress("https://srv/x", .init(hostName: "box"))
    one = .init(address: address, snapshot: "1")
    two = .init(address: address, snapshot: "2")
  }

  @Test func theNewestIsSentOnce() {
    var schedule = UploadSchedule()
    #expect(schedule.decide(nil, at: start) == .nothing)
    #expect(schedule.decide(one, at: start) == .upload(one))
    schedule.began(one)
    #expect(schedule.decide(one, at: start) == .underway)
    // A newer one comes meanwhile, and another: of both only the last is sent.
    #expect(schedule.decide(two, at: start) == .underway)
    schedule.succeeded(at: 7)
    #expect(schedule.uploaded == one)
    #expect(schedule.uploadedAt == 7)
    #expect(schedule.decide(one, at: start) == .nothing)
    #expect(schedule.decide(two, at: start) == .upload(two))
  }

  @Test func pausesGrow() {
    var schedule = UploadSchedule(spread: 0.5)
    var now = start
    var pauses: [Double] = []
    for _ in 0..<10 {
      schedule.began(one)
      schedule.failed(Self.failure, at: now)
      guard case .wait(let until) = schedule.decide(one, at: now) else {
        Issue.record("it does not wait")
        return
      }
      // A newer one waits as well: it is the server that is not there.
      #expect(schedule.decide(two, at: now) == .wait(until: until))
      pauses.append(until.seconds(since: now))
      now = until
      #expect(schedule.decide(two, at: now) == .upload(two))
    }
    #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800])
    #expect(schedule.failure == Self.failure)
  }

  @Test(arguments: [(0.0, 7.5), (1.0, 12.5)])
  func eachMachineWaitsForAnotherTime(spread: Double, pause: Double) {
    var schedule = UploadSchedule(spread: spread)
    schedule.began(one)
    schedule.failed(Self.failure, at: start)
    guard case .wait(let until) = schedule.decide(one, at: start) else {
      Issue.record("it does not wait")
      return
    }
    #expect(until.seconds(since: start) == pause)
  }

  @Test func whoAsksNeedNotWait() {
    var schedule = UploadSchedule()
    schedule.began(one)
    schedule.failed(Self.failure, at: start)
    schedule.forgetFailures()
    #expect(schedule.decide(one, at: start) == .upload(one))
    // Until it has succeeded it is known what was wrong.
    #expect(schedule.failure == Self.failure)
    schedule.began(one)
    schedule.succeeded(at: 1)
    #expect(schedule.failure == nil)
  }

  @Test func whatWasEndedIsNoFailure() {
    var schedule = UploadSchedule()
    schedule.began(one)
    schedule.ended()
    #expect(schedule.decide(one, at: start) == .upload(one))
  }

  @Test func whatIsRememberedIsNotSentAgain() throws {
    var schedule = UploadSchedule()
    schedule.remember(one, at: 3)
    #expect(schedule.decide(one, at: start) == .nothing)
    let elsewhere = UploadSchedule.Target(
      address: try UploadAddress("https://srv/y", .init(hostName: "box")), snapshot: "1")
    #expect(schedule.decide(elsewhere, at: start) == .upload(elsewhere))
  }
}
