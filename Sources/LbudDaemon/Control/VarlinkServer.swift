import Glibc
import LbudProtocol
import LbudSupervision
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Serves Varlink on a Unix socket.
package struct VarlinkServer: Sendable {
  private let socketPath: String
  private let passed: Int32?
  private let mode: UInt32
  private let limits: ConnectionLimits
  private let handler: any VarlinkHandler
  private let logger: Logger
  private let stopping = Stopping()
  private let admission = SocketAdmission()

  /// `mode` is that of the socket, which decides who may connect at all. A socket that was `passed` is listened on as it
  /// is, instead of one at the path, and its name is left alone; it must be one that listens already.
  package init(
    socketPath: String, passed: Int32? = nil, mode: UInt32 = 0o600, limits: ConnectionLimits = ConnectionLimits(),
    handler: any VarlinkHandler, logger: Logger
  ) {
    self.socketPath = passed.map(PassedSocket.name) ?? socketPath
    self.passed = passed
    self.mode = mode
    self.limits = limits
    self.handler = handler
    self.logger = logger
  }

  /// Serves until `shutdown()` or until the task is cancelled, then removes the socket, cancels the calls that are being
  /// answered, and returns when all of them have ended. Call it once.
  ///
  /// `whenListening` is called as soon as clients can connect. Throws `ListenError` if it does not come to that.
  package func run(whenListening: @escaping @Sendable () async -> Void = {}) async throws {
    let listener = try passed.map(VarlinkListener.init(passed:)) ?? VarlinkListener(path: socketPath, mode: mode)
    admission.begin(listener, logger)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    // Not a child task: cancelling it would drop connections that were accepted but not yet taken, and leave the
    // listening socket open for a moment longer. Cancellation shuts down in order instead.
    let serving = Task { try await serve(listener, on: group, whenListening: whenListening) }
    let result = await withTaskCancellationHandler {
      await serving.result
    } onCancel: {
      shutdown()
    }
    admission.end()
    listener.unlinkSocket()
    try await group.shutdownGracefully()
    try result.get()
  }

  /// Makes `run` return; may be called at any time, from anywhere, more than once.
  package func shutdown() {
    stopping.stop()
  }

  /// Lets the members of a group connect, of no other one: at once, or as soon as there is a socket. May be called at any
  /// time, from anywhere, more than once. A socket that was passed stays as it is.
  package func admit(group: UInt32?) { admission.admit(group: group, logger) }

  private func serve(
    _ listener: VarlinkListener, on group: MultiThreadedEventLoopGroup, whenListening: @Sendable () async -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: group)
      // A client that has said all it has to say, as `nc -N`, still gets its answers.
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(listener.descriptor) { channel in
        Peer.of(channel).flatMapThrowing { try VarlinkConnection.Accepted(channel, peer: $0) }
      }
    stopping.whenStopped { server.channel.close(promise: nil) }
    logger.info("listening on \(socketPath)")
    await whenListening()

    let refusals = RefusalLog(logger)
    let table = ConnectionTable(limits: limits, privileged: [0, geteuid()])
    try await server.executeThenClose { connections in
      try await withThrowingDiscardingTaskGroup { tasks in
        for try await accepted in connections {
          let connection = VarlinkConnection(
            accepted, limits: limits, table: table, handler: handler, logger: logger, refusals: refusals)
          tasks.addTask { await connection.run() }
        }
        // Gone before the calls end: whoever looks for the daemon from now on must not find this one.
        listener.unlinkSocket()
        tasks.cancelAll()
      }
    }
    if !stopping.isStopped { throw ListenError.ended(path: socketPath) }
  }
}

/// Whether the server shall stop, and how it does.
private final class Stopping: Sendable {
  private enum State {
    case serving((@Sendable () -> Void)?)
    case stopped
  }

  private let state = Mutex(State.serving(nil))

  var isStopped: Bool {
    state.withLock { if case .stopped = $0 { true } else { false } }
  }

  func stop() {
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      guard case .serving(let action) = state else { return nil }
      state = .stopped
      return action
    }
    action?()
  }

  /// Runs `action` once `stop` is called, at once if it was.
  func whenStopped(_ action: @escaping @Sendable () -> Void) {
    let stopped = state.withLock { state in
      if case .stopped = state { return true }
      state = .serving(action)
      return false
    }
    if stopped { action() }
  }
}
