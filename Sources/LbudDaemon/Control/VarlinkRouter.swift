import LbudProtocol

/// Gives each call to the handler of its interface, and answers those of `org.varlink.service` itself.
package struct VarlinkRouter: VarlinkHandler {
  private let service: ServiceInterface
  private let handlers: [String: any VarlinkHandler]

  /// `handlers` has the handler of each interface by its name: `["io.lbud": ...]`.
  package init(service: ServiceInterface, handlers: [String: any VarlinkHandler]) {
    self.service = service
    self.handlers = handlers
  }

  package func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    guard let interface = call.header.interface else { throw VarlinkError.interfaceNotFound(call.method) }
    if interface == ServiceInterface.name {
      try await replies.send(try service.answer(to: call))
    } else if let handler = handlers[interface] {
      try await handler.handle(call, from: peer, to: replies)
    } else {
      throw VarlinkError.interfaceNotFound(interface)
    }
  }
}
