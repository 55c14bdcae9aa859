/// Why a snapshot is made.
package enum CommitReason: String, Sendable, Hashable {
  /// Nothing has changed for a while.
  case idle
  /// Changes would have waited too long.
  case delay
  /// The daemon was told to stop.
  case shutdown
  /// Somebody asked for it.
  case request
  /// Somebody asked for it by SIGUSR1.
  case signal
  /// A transaction of apk has ended, and its hook asked for it.
  case apk

  /// Whether somebody wants it, whatever the settings or a hold say of what happens by itself.
  package var isWish: Bool {
    switch self {
    case .request, .signal: true
    case .idle, .delay, .shutdown, .apk: false
    }
  }
}
