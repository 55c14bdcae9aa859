import Subprocess

/// The environment of the programs that lbud calls: its own, without what a service manager has said to lbud alone. A
/// child that found it would speak in lbud's name (sd_notify(3)), or take its socket for its own (sd_listen_fds(3)).
enum ChildEnvironment {
  static let forLbudAlone = [
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM",
  ]

  /// `lbu.conf` alone, which is evaluated with lbud's environment, may see it.
  static let secrets = ["PASSWORD"]

  /// - Parameters:
  ///   - values: what is set in it.
  ///   - names: what else the child is not given.
  ///   - own: lbud's.
  static func updating(
    _ values: [String: String] = [:], without names: [String] = [], of own: Environment = .inherit
  ) -> Environment {
    var changes: [Environment.Key: String?] = [:]
    for name in forLbudAlone + names { changes[Environment.Key(stringLiteral: name)] = .some(nil) }
    for (name, value) in values { changes[Environment.Key(stringLiteral: name)] = value }
    return own.updating(changes)
  }
}
