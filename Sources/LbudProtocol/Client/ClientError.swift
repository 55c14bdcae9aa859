/// Why a call got no answer, or got an error for one.
package enum ClientError: Error, Sendable, Equatable {
  /// No daemon: the socket is missing, or nobody listens on it.
  case notThere(path: String, errno: CInt)
  /// The socket's mode or its directory's refuses this user. The group is the number of the one that may use the socket,
  /// where there is one.
  case notAllowed(path: String, group: UInt32? = nil)
  case pathTooLong(path: String)
  /// The connection broke or was never made for another reason.
  case lost(reason: String)
  /// The daemon answered with an error.
  case remote(VarlinkError)
  /// What came is not the answer that was expected; the connection is of no more use.
  case malformed(reason: String)
}

extension ClientError: CustomStringConvertible {
  /// What failed, on which path, and why; what to do is in `hint`.
  package var description: String {
    switch self {
    case .notThere(let path, let number): "cannot connect to \(path): \(errnoWords(number))"
    case .notAllowed(let path, _): "cannot connect to \(path): permission denied"
    case .pathTooLong(let path): "cannot connect to \(path): the path is too long for a socket"
    case .lost(let reason): reason
    case .remote(let error): error.parameters["message"]?.string ?? error.description
    case .malformed(let reason): "cannot understand the daemon's answer: \(reason)"
    }
  }

  /// What the user can do about it.
  package var hint: String? {
    switch self {
    case .notThere: "start lbud, or name its socket with --socket"
    case .notAllowed(_, let group?): Self.hintToJoin("\(group)", user: "USER")
    case .notAllowed: "run this as root: there is no group that may ask, see LBUD_GROUP in lbud.conf(5)"
    case .pathTooLong: "give the socket a path of at most \(UnixSocketAddress.maximumLength) bytes"
    case .remote(let error): error.parameters["hint"]?.string
    case .lost: "see the log of lbud"
    case .malformed: "see that lbud and lbuctl are of the same version"
    }
  }

  /// What a user can do who is not in the group, in the words of busybox.
  package static func hintToJoin(_ group: String, user: String) -> String {
    "run this as root, or join the group \(group): addgroup \(user) \(group)"
  }
}
