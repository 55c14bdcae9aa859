import Glibc
import LbudProtocol
import LbudSystem
import Logging
import Synchronization

/// A daemon in the client's own process, for one command: the same code answers the same calls, and nothing stays.
///
/// The client's thread blocks while the calls are answered by tasks; it must be none of the pool's.
package final class OnceTransport: ClientTransport, Sendable {
  private let handler: ControlInterface
  private let logger: Logger
  private let replies = Mutex<[[UInt8]]>([])
  private let something = Semaphore()

  private init(_ daemon: Daemon, _ logger: Logger) {
    handler = ControlInterface(daemon: daemon)
    self.logger = logger
  }

  /// Begins to work on a root, and looks at everything.
  /// - Throws: `FileError` where the root cannot be opened or watched.
  package static func start(root: RootDirectory) throws -> OnceTransport {
    // Whatever goes wrong is in the answers.
    let logger = Logger(label: "lbud") { _ in SwiftLogNoOpLogHandler() }
    let daemon = try Blocking.waiting {
      let daemon = try await Daemon(root: root, logger: logger, isOnce: true)
      try await daemon.startOnce()
      return daemon
    }
    return OnceTransport(daemon, logger)
  }

  package func send(_ frame: [UInt8]) -> CInt {
    let call: IncomingCall
    do { call = try IncomingCall(frame: frame.last == 0 ? frame.dropLast() : frame) } catch {
      put(encodeReply(error))
      return 0
    }
    let peer = Peer(uid: geteuid(), gid: getegid(), pid: getpid())
    let writer = ReplyWriter(for: call.header) { [self] frame, _ in put(frame) }
    Task.detached { [self] in await handler.answer(call, from: peer, to: writer, logger: logger) }
    return 0
  }

  package func receive(into buffer: inout [UInt8]) throws(ClientError) -> ArraySlice<UInt8> {
    something.wait()
    return replies.withLock { $0.isEmpty ? [] : $0.removeFirst()[...] }
  }

  private func put(_ frame: [UInt8]) {
    replies.withLock { $0.append(frame) }
    something.post()
  }
}
