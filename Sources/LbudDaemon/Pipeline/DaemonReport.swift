import LbudCore
import LbudSystem

/// The state of the daemon at one moment.
package struct DaemonReport: Sendable {
  var host: String
  var root: String
  var mediaPath: String
  var mediaProblem: StoreError?
  /// Bytes.
  var mediaFree: UInt64?
  var snapshot: KnownSnapshot?
  var changes: [BytePath: Change]
  var decision: Policy.Decision
  var settings: Settings
  var problems: [Problem]
  var lastFailure: StoreError?
  var lastFailureTime: Instant?
  /// How many commits have failed since the last one that did not.
  var failures: Int
  var hold: Hold?
  var confirmation: Confirmation?
  var upload: Publication.Standing?
  var now: Instant
  /// Nanoseconds since 1970 at `now`.
  var wall: Int64

  /// Seconds since 1970 at a moment of the daemon's clock.
  func time(of instant: Instant) -> Double {
    Double(wall + instant.nanoseconds - now.nanoseconds) / 1e9
  }
}
