import Synchronization

/// What clients may ask of the server, so that none of them can use up the daemon's memory, stack or descriptors.
package struct ConnectionLimits: Sendable, Equatable {
  /// The bytes of one message.
  package var messageBytes = 1 << 20
  /// The depth to which its objects and arrays may be nested.
  package var nesting = 32
  /// Connections at a time, and those of one user.
  package var connections = 64
  package var connectionsPerUser = 16
  /// How long the rest of a message may take.
  package var messageTime = Duration.seconds(30)
  /// How long a client may take for its last reply before it is cut off.
  package var closingTime = Duration.seconds(2)

  package init() {}
}

/// The limit that was met, as `io.lbud.LimitExceeded` names it.
struct ExceededLimit: Error, Sendable, Equatable {
  let name: String
  let maximum: Int
}

/// Counts the connections of each user.
final class ConnectionTable: Sendable {
  private let counts = Mutex<[UInt32: Int]>([:])
  private let limits: ConnectionLimits

  init(limits: ConnectionLimits) {
    self.limits = limits
  }

  /// Takes a place, or says which limit is met.
  func admit(uid: UInt32) throws(ExceededLimit) {
    let exceeded = counts.withLock { counts -> ExceededLimit? in
      if counts.values.reduce(0, +) >= limits.connections {
        return ExceededLimit(name: "connections", maximum: limits.connections)
      }
      if counts[uid, default: 0] >= limits.connectionsPerUser {
        return ExceededLimit(name: "connectionsPerUser", maximum: limits.connectionsPerUser)
      }
      counts[uid, default: 0] += 1
      return nil
    }
    if let exceeded { throw exceeded }
  }

  /// Gives back the place that `admit` took.
  func release(uid: UInt32) {
    counts.withLock { counts in
      let rest = counts[uid, default: 0] - 1
      counts[uid] = rest > 0 ? rest : nil
    }
  }
}
