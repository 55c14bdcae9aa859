/// What a service manager and its services say to each other, see sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).
package protocol ServiceManagerCalls: Sendable {
  /// Sends a message to where the environment says. May block as long as the other side does not read.
  /// - Returns: negative errno, 0 where nobody wants to be told.
  static func notify(_ message: NotifyMessage) -> Int32

  /// In how many microseconds at most a sign of life is wanted; nil where none is.
  static func watchdogInterval() -> UInt64?

  /// How many descriptors were passed, the first of them 3; they are closed for children from now on.
  /// - Returns: negative errno where the environment says nonsense.
  static func passedDescriptors() -> Int32
}

/// The calls that this build uses.
#if Systemd
  package typealias BuiltInCalls = LibsystemdCalls
#else
  package typealias BuiltInCalls = PlainCalls
#endif

/// The first of the descriptors that are passed: SD_LISTEN_FDS_START.
let firstPassedDescriptor: Int32 = 3
