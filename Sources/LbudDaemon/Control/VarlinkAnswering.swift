import LbudProtocol
import Logging

extension VarlinkHandler {
  /// Handles a call and sees that it is answered, by an error where it must be.
  func answer(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter, logger: Logger) async {
    do {
      do {
        guard !call.header.upgrade else { throw VarlinkError.invalidParameter("upgrade") }
        try await handle(call, from: peer, to: replies)
        if !replies.isAnswered, !call.oneway {
          logger.error("\(call.method) ended without an answer")
          try await replies.fail(.internalFailure("\(call.method) ended without an answer"))
        }
      } catch let error as VarlinkError {
        try await replies.fail(error)
      } catch let limit as ExceededLimit {
        try replies.exceed(limit)
      } catch is CancellationError {
        try await replies.fail(.internalFailure("lbud is shutting down"))
      } catch let error as ReplyError where error == .clientGone {
        logger.debug("\(call.method) of \(peer) was not heard to its end: \(error)")
      } catch {
        logger.error("\(call.method) failed: \(error)")
        try await replies.fail(.internalFailure("\(error)"))
      }
    } catch {
      // Too late for an answer: it was given, or there is nobody to give it to.
      logger.debug("\(call.method) of \(peer) was not told of an error: \(error)")
    }
  }
}
