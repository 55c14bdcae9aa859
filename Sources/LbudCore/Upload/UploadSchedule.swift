/// When a snapshot is uploaded. It has no clock, and knows only the newest one: what came before is nothing to upload.
package struct UploadSchedule: Equatable, Sendable {
  /// One snapshot at one address.
  package struct Target: Hashable, Sendable {
    package var address: UploadAddress
    /// What tells the snapshot from every other one.
    package var snapshot: String

    package init(address: UploadAddress, snapshot: String) {
      self.address = address
      self.snapshot = snapshot
    }
  }

  package enum Decision: Equatable, Sendable {
    /// It is there.
    case nothing
    /// One is under way; its end is a fact to wait for.
    case underway
    case wait(until: Instant)
    case upload(Target)
  }

  /// What is there, as far as is known.
  package private(set) var uploaded: Target?
  /// When that came there, in seconds since 1970.
  package private(set) var uploadedAt: Int64?
  package private(set) var failure: UploadFailure?
  private var failures = 0
  private var retryAt: Instant?
  private var underway: Target?
  /// From 0 to 1, another one on each machine: when a server comes back not all of them call at once.
  private let spread: Double

  private static let longestPause: Seconds = 1800

  package init(spread: Double = 0.5) { self.spread = spread }

  package var isUnderway: Bool { underway != nil }

  /// - Parameter target: the newest snapshot and where it is to be; nil where there is none.
  package func decide(_ target: Target?, at now: Instant) -> Decision {
    if underway != nil { return .underway }
    guard let target, target != uploaded else { return .nothing }
    if let retryAt, retryAt > now { return .wait(until: retryAt) }
    return .upload(target)
  }

  /// What another lbud of this boot has left word of.
  package mutating func remember(_ target: Target, at time: Int64) {
    uploaded = target
    uploadedAt = time
  }

  package mutating func began(_ target: Target) { underway = target }

  /// - Parameter time: seconds since 1970.
  package mutating func succeeded(at time: Int64) {
    guard let target = underway else { return }
    remember(target, at: time)
    underway = nil
    forgetFailures()
    failure = nil
  }

  /// The next try comes after 10 s, then after twice as long each time, up to half an hour, give or take a quarter.
  package mutating func failed(_ failure: UploadFailure, at now: Instant) {
    underway = nil
    self.failure = failure
    failures += 1
    let pause = Policy.pause(after: failures, atMost: Self.longestPause)
    retryAt = now + .nanoseconds(Int64(Double(pause.nanoseconds) * (0.75 + spread / 2)))
  }

  /// It was ended, and says nothing of the server.
  package mutating func ended() { underway = nil }

  /// What made it fail may be gone: another address, or somebody asks for it.
  package mutating func forgetFailures() {
    failures = 0
    retryAt = nil
  }
}
