import Glibc

/// A Varlink client that blocks: one connection, one call at a time.
///
/// lbuctl has nothing else to do while it waits, so it needs neither an event loop nor tasks.
package final class VarlinkClient {
  /// A reply may be much longer than a call: the list of a large snapshot is one.
  package static let defaultReplyLimit = 1 << 28

  private let path: String
  private var socket: (any ClientTransport)?
  private var decoder: FrameDecoder
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  package init(socketPath: String, replyLimit: Int = VarlinkClient.defaultReplyLimit) throws(ClientError) {
    path = socketPath
    decoder = FrameDecoder(limit: replyLimit)
    socket = try ClientSocket(connectingTo: socketPath)
  }

  /// - Parameter name: of what is at the other end, for messages.
  package init(transport: any ClientTransport, name: String, replyLimit: Int = VarlinkClient.defaultReplyLimit) {
    path = name
    decoder = FrameDecoder(limit: replyLimit)
    socket = transport
  }

  /// Calls a method that answers once.
  package func call<P: Encodable, R: Decodable>(
    _ method: String, _ parameters: P, as type: R.Type = R.self
  ) throws(ClientError) -> R {
    try send(method, parameters)
    let reply = try receive()
    guard !reply.continues else {
      throw abandon(.malformed(reason: "\(method) answers more than once"))
    }
    return try decode(reply, of: method)
  }

  /// Calls a method that answers any number of times, and gives each answer to `each`, the last with false.
  ///
  /// If `each` throws, the rest of the answers is not wanted and the connection is closed.
  package func callMore<P: Encodable, R: Decodable>(
    _ method: String, _ parameters: P, as type: R.Type = R.self, each: (R, _ continues: Bool) throws -> Void
  ) throws {
    try send(method, parameters, more: true)
    while true {
      let reply = try receive()
      let value: R = try decode(reply, of: method)
      do {
        try each(value, reply.continues)
      } catch {
        socket = nil
        throw error
      }
      if !reply.continues { return }
    }
  }

  /// Calls a method without waiting, and without learning whether it worked.
  package func callOneway(_ method: String, _ parameters: some Encodable) throws(ClientError) {
    try send(method, parameters, oneway: true)
  }

  /// Calls a method and returns without its answer, for which somebody waits in poll(2): `descriptor` has something to read,
  /// then `receiveSome`, then `nextAnswer` until there is none.
  package func begin(_ method: String, _ parameters: some Encodable, more: Bool = false) throws(ClientError) {
    try send(method, parameters, more: more)
  }

  /// What poll(2) waits for; nil where the connection is closed, or is none of the kernel's.
  package var descriptor: CInt? { socket?.descriptor }

  /// Takes what has come, and waits only where nothing has.
  /// - Throws: `ClientError`: also where lbud has closed the connection.
  package func receiveSome() throws(ClientError) {
    try fill()
  }

  /// The next of the answers that have come; nil where no whole one has. Does not wait.
  package func nextAnswer<R: Decodable>(
    of method: String, as type: R.Type = R.self
  ) throws(ClientError) -> (value: R, continues: Bool)? {
    guard let reply = try buffered() else { return nil }
    return (try decode(reply, of: method), reply.continues)
  }

  private func send(
    _ method: String, _ parameters: some Encodable, more: Bool = false, oneway: Bool = false
  ) throws(ClientError) {
    let frame: [UInt8]
    do {
      frame = try encodeCall(method, parameters, more: more, oneway: oneway)
    } catch {
      throw .malformed(reason: "cannot encode the parameters of \(method): \(error)")
    }
    guard let number = socket?.send(frame) else { throw closed }
    guard number != 0 else { return }
    // A daemon that refuses says why before it closes, and that is worth more than errno. What is left of the
    // connection has to be read for it.
    if number == EPIPE || number == ECONNRESET, let error = (try? receive())?.error {
      throw abandon(.remote(error))
    }
    throw abandon(.lost(reason: "lost the connection to \(path): \(errnoWords(number))"))
  }

  private func receive() throws(ClientError) -> IncomingReply {
    while true {
      if let reply = try buffered() { return reply }
      try fill()
    }
  }

  /// The next reply that has come whole.
  private func buffered() throws(ClientError) -> IncomingReply? {
    let frame: [UInt8]?
    do {
      frame = try decoder.next()
      if let frame { try checkNesting(of: frame) }
    } catch {
      throw abandon(.malformed(reason: "\(error)"))
    }
    guard let frame else { return nil }
    do {
      return try IncomingReply(frame: frame)
    } catch {
      throw abandon(.malformed(reason: "it is no reply of varlink: \(error)"))
    }
  }

  private func fill() throws(ClientError) {
    guard let received = try socket?.receive(into: &buffer) else { throw closed }
    guard !received.isEmpty else {
      throw abandon(.lost(reason: "lost the connection to \(path): the daemon closed it before it answered"))
    }
    decoder.append(received)
  }

  private func decode<R: Decodable>(_ reply: IncomingReply, of method: String) throws(ClientError) -> R {
    if let error = reply.error { throw .remote(error) }
    do {
      return try reply.parameters(as: R.self)
    } catch {
      throw abandon(.malformed(reason: "\(method): \(error)"))
    }
  }

  private var closed: ClientError { .lost(reason: "the connection to \(path) is closed") }

  /// Closes the connection: after such an error nobody knows which answer comes next.
  private func abandon(_ error: ClientError) -> ClientError {
    socket = nil
    return error
  }
}
