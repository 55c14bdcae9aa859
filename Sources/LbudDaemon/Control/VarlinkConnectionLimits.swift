import LbudCore

/// What clients may ask of the server, so that none of them can use up the daemon's memory, stack or descriptors.
package struct ConnectionLimits: Sendable, Equatable {
  /// The bytes of one message.
  package var messageBytes = 1 << 20
  /// The depth to which its objects and arrays may be nested.
  package var nesting = 32
  /// Connections at a time, and those of one user.
  package var connections = 64
  package var connectionsPerUser = 16
  /// Those that only root and lbud's own user can have: nobody else can keep them out.
  package var reservedConnections = 16
  /// How long the rest of a message may take.
  package var messageTime = Duration.seconds(30)
  /// How long a client that is told of what happens may take for a reply.
  package var readingTime = Duration.seconds(30)
  /// How long a client may take for its last reply before it is cut off.
  package var closingTime = Duration.seconds(2)
  /// Where all places are taken, one that has waited for its client for so long is given to another: for the rest of a
  /// message, or for a reply to be taken.
  package var stallTime: Seconds = 1
  /// And one whose client has asked for nothing for so long.
  package var idleTime: Seconds = 30

  package init() {}
}

/// The limit that was met, as `io.lbud.LimitExceeded` names it.
struct ExceededLimit: Error, Sendable, Equatable {
  let name: String
  let maximum: Int
}
