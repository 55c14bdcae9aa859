import LbudProtocol

/// Answers calls. The server has checked size, nesting and envelope; parameters are checked by decoding them.
package protocol VarlinkHandler: Sendable {
  /// Answers `call` by sending to `replies`, the last one without `continues`.
  ///
  /// A `VarlinkError` thrown becomes the error reply; anything else becomes `io.lbud.Internal` and a line in the log.
  /// Calls of one connection come one after another, those of several connections at the same time. The task is
  /// cancelled when the client has gone, unless the call is oneway, and when the server shuts down: work that must not
  /// stop half done belongs in a task of its own.
  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws
}

/// Who is at the other end of a connection, as the kernel noted when it was made.
package struct Peer: Sendable, Hashable {
  package let uid: UInt32
  package let gid: UInt32
  package let pid: Int32
  /// Its other groups; nil where the kernel does not say.
  package let groups: [UInt32]?

  package init(uid: UInt32, gid: UInt32, pid: Int32, groups: [UInt32]? = nil) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
    self.groups = groups
  }
}

extension Peer: CustomStringConvertible {
  package var description: String { "uid \(uid), pid \(pid)" }
}
