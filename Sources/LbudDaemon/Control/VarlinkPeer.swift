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
    guard let socket = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeSucceededFuture(nil)
    }
    let credentials: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    return
      credentials
      .map { Peer(uid: $0.uid, gid: $0.gid, pid: $0.pid) }
      .recover { _ in nil }
  }
}
