import LbudProtocol
import Synchronization

/// Where the replies to one call go.
package final class ReplyWriter: Sendable {
  private let call: CallHeader
  private let write: @Sendable ([UInt8], _ isPatient: Bool) async throws -> Void
  private let answered = Mutex(false)
  private let limit = Mutex<ExceededLimit?>(nil)
  private let waiting = Mutex<(@Sendable () -> Void)?>(nil)

  /// `write` takes whole frames and returns when they are on their way, and if it is not patient gives the client only so
  /// much time for that; it is a closure so that handlers can be tested
  /// without a socket.
  package init(
    for call: CallHeader, write: @escaping @Sendable ([UInt8], _ isPatient: Bool) async throws -> Void
  ) {
    self.call = call
    self.write = write
  }

  /// Sends a reply and waits until the socket has taken it; for a oneway call there is nothing to send.
  ///
  /// Throws ExpectedMore if it shall continue although the call did not say `more`, and `ReplyError` after the last
  /// reply or when the client has gone.
  ///
  /// A client that takes its time with what it has asked for, is waited for (a person who reads page by page); one that
  /// is told of what happens is not: then `isPatient` is false.
  package func send<P: Encodable & Sendable>(
    _ parameters: P, continues: Bool = false, isPatient: Bool = true
  ) async throws {
    if continues, !call.more, !call.oneway { throw VarlinkError.expectedMore }
    let frame = call.oneway ? [] : try encodeReply(parameters, continues: continues)
    try claim(continues: continues)
    waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }?()
    if !call.oneway { try await write(frame, isPatient) }
  }

  /// Has `body` called before a reply waits for its client for the first time.
  func beforeWaiting(_ body: @escaping @Sendable () -> Void) { waiting.withLock { $0 = body } }

  /// Whether the last reply was sent.
  var isAnswered: Bool { answered.withLock { $0 } }

  /// The limit for which the connection is to be closed, with an error that says so.
  var exceeded: ExceededLimit? { limit.withLock { $0 } }

  /// Ends the call, and the connection with it.
  func exceed(_ exceeded: ExceededLimit) throws {
    try claim(continues: false)
    limit.withLock { $0 = exceeded }
  }

  /// Answers with an error, unless the last reply was sent.
  func fail(_ error: VarlinkError) async throws {
    try claim(continues: false)
    if !call.oneway { try await write(encodeReply(error), true) }
  }

  private func claim(continues: Bool) throws {
    try answered.withLock { answered in
      guard !answered else { throw ReplyError.alreadyAnswered(method: call.method) }
      answered = !continues
    }
  }
}

/// Why a reply could not be sent.
package enum ReplyError: Error, Sendable, Equatable {
  /// A mistake in the handler: the call has had its last reply.
  case alreadyAnswered(method: String)
  /// Nobody is there to take it.
  case clientGone
}

extension ReplyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .alreadyAnswered(let method): "\(method) was answered already"
    case .clientGone: "the client has closed the connection"
    }
  }
}
