import Glibc
import NIOCore

/// `struct ucred`, which the Glibc module leaves out because it is a GNU extension.
private struct PeerCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0
}

extension Peer {
  /// Asks the kernel; nil for a channel that is no socket. Fails if the channel is closed already.
  static func of(_ channel: any Channel) async throws -> Peer? {
    guard let socket = channel as? any SocketOptionProvider else { return nil }
    let credentials: PeerCredentials = try await socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
    ).get()
    return Peer(uid: credentials.uid, gid: credentials.gid, pid: credentials.pid)
  }
}
