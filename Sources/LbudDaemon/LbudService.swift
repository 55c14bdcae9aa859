import LbudProtocol
import LbudSystem
import Logging

/// lbud as a service: watches, answers, and saves what is unsaved before it ends.
struct LbudService {
  let daemon: Daemon
  let socketPath: String
  /// The socket that a service manager listens on for lbud, if there is one.
  let passedSocket: Int32?
  /// Those that end it, which must be waited for already.
  let ends: AsyncStream<Int32>
  let logger: Logger

  func run() async throws {
    let supervision = Supervision(daemon: daemon, logger: logger)
    defer { supervision.end() }
    try await daemon.start()
    await supervision.begin()
    let control = ControlInterface(daemon: daemon)
    let service = ServiceInterface(
      vendor: "lbud", product: "lbud", version: lbudVersion, url: "https://varlink.org",
      definitions: [ControlInterface.name: lbudInterfaceDefinition])
    let server = VarlinkServer(
      socketPath: socketPath, passed: passedSocket, mode: 0o600,
      handler: ControlGuard(
        daemon: daemon, handler: VarlinkRouter(service: service, handlers: [ControlInterface.name: control]),
        logger: logger),
      logger: logger)
    await daemon.tellMembers { server.admit(group: $0) }
    let signals = Task { await SignalWatch(daemon: daemon, logger: logger).run() }
    // Once nobody can ask any more.
    defer {
      signals.cancel()
      daemon.end()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.run {
          logger.notice("ready")
          supervision.ready()
        }
      }
      group.addTask {
        // Cancelled, when the server could not listen: another lbud does, and this one has nothing to save.
        guard let signal = await ends.first(where: { _ in true }) else { return }
        logger.debug("asked to end by signal \(signal)")
        // It answers until the last commit is made: whoever waits for it sees how it ends.
        supervision.stopping()
        await daemon.shutDown()
        server.shutdown()
      }
      // The server ends on shutdown, or fails; then there is nothing to wait for.
      do {
        try await group.next()
        try await group.next()
      } catch {
        group.cancelAll()
        throw error
      }
    }
  }
}
