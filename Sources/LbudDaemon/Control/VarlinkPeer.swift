import Glibc
import NIOCore

/// `struct ucred`, which the Glibc module leaves out because it is a GNU extension.
struct PeerCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0
}

extension Peer {
  /// Asks the kernel; nil for a channel that is no socket or is closed already.
  ///
  /// To be asked while the channel is set up, on its event loop, which answers at once: a client may send a oneway call
  /// and leave before anybody gets to look at it.
  static func of(_ channel: any Channel) -> EventLoopFuture<Peer?> {
    let peer = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
      Peer(connectedTo: $0)
    }
    return channel.eventLoop.makeSucceededFuture(peer ?? nil)
  }

  /// - Parameter socket: a connected one.
  package init?(connectedTo socket: CInt) {
    var credentials = PeerCredentials()
    var length = socklen_t(MemoryLayout<PeerCredentials>.size)
    guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
    self.init(
      uid: credentials.uid, gid: credentials.gid, pid: credentials.pid,
      groups: Self.groups(connectedTo: socket, room: 64))
  }

  /// The supplementary groups, which SO_PEERCRED leaves out (SO_PEERGROUPS, Linux 4.13); nil where there is no such option.
  /// - Parameter room: how many are reckoned with at first.
  package static func groups(connectedTo socket: CInt, room: Int) -> [UInt32]? {
    var groups = [UInt32](repeating: 0, count: room)
    while true {
      var length = socklen_t(groups.count * MemoryLayout<UInt32>.size)
      if getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &length) == 0 {
        return Array(groups.prefix(Int(length) / MemoryLayout<UInt32>.size))
      }
      // Too small: the length is what is needed now (net/core/sock.c).
      let needed = Int(length) / MemoryLayout<UInt32>.size
      guard errno == ERANGE, needed > groups.count else { return nil }
      groups = [UInt32](repeating: 0, count: needed)
    }
  }
}
