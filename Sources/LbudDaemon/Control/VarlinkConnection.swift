import LbudProtocol
import Logging
import NIOCore
import Synchronization

/// One client: its calls are read, handled and answered one after another.
///
/// Nothing is read while a call is being answered but what a small buffer takes, and a reply waits until the kernel has
/// taken it: a client that sends faster than it reads slows down itself, and nobody else.
struct VarlinkConnection: Sendable {
  /// What the event loop hands over.
  struct Accepted: Sendable {
    /// Only the inbound half is wrapped. Replies are written to the channel, whose promise says that they have left,
    /// which a writer of NIOAsyncChannel does not.
    fileprivate let wrapped: NIOAsyncChannel<ByteBuffer, Never>
    fileprivate let peer: Peer?

    /// To be called on the event loop, before the channel reads.
    init(_ channel: any Channel, peer: Peer?) throws {
      wrapped = try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
      self.peer = peer
    }
  }

  private let accepted: Accepted
  private let limits: ConnectionLimits
  private let table: ConnectionTable
  private let handler: any VarlinkHandler
  private let logger: Logger
  private let refusals: RefusalLog
  private let current = CurrentCall()

  init(
    _ accepted: Accepted, limits: ConnectionLimits, table: ConnectionTable, handler: any VarlinkHandler,
    logger: Logger, refusals: RefusalLog
  ) {
    self.accepted = accepted
    self.limits = limits
    self.table = table
    self.handler = handler
    self.logger = logger
    self.refusals = refusals
  }

  private var channel: any Channel { accepted.wrapped.channel }

  /// Serves the client until it leaves, exceeds a limit, or the task is cancelled. What goes wrong ends here.
  func run() async {
    channel.closeFuture.whenComplete { [current] _ in current.cancelForGood() }
    do {
      try await withTaskCancellationHandler {
        try await accepted.wrapped.executeThenClose { try await admit($0) }
      } onCancel: {
        // The call being answered is cancelled and may still say so to its client, if that listens.
        closeSoon()
      }
    } catch is CancellationError {
      logger.debug("closed a connection: shutting down")
    } catch {
      logger.debug("lost a connection: \(error)")
    }
  }

  private func admit(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws {
    guard let peer = accepted.peer else {
      logger.error("closed a connection: the kernel does not say who its client is")
      return
    }
    do {
      let place = try table.admit(uid: peer.uid) { cutOff($0, peer) }
      defer { table.release(place) }
      try await serve(inbound, peer, place)
    } catch let limit as ExceededLimit {
      sayExceeded(limit, peer)
      closeSoon()
      try await send(encodeReply(VarlinkError.limitExceeded(limit.name, maximum: limit.maximum)))
    }
  }

  private func sayExceeded(_ limit: ExceededLimit, _ peer: Peer) {
    refusals.say(
      "closed the connection of \(peer): it exceeds the limit \(limit.name) of \(limit.maximum)", on: channel.eventLoop)
  }

  /// Ends the connection from outside of its task, with an error behind all that the client has not taken yet.
  private func cutOff(_ limit: ExceededLimit, _ peer: Peer) {
    sayExceeded(limit, peer)
    current.cutOff()
    closeSoon()
    let frame = encodeReply(VarlinkError.limitExceeded(limit.name, maximum: limit.maximum))
    channel.writeAndFlush(ByteBuffer(bytes: frame)).whenComplete { [channel] _ in channel.close(promise: nil) }
  }

  private func serve(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ peer: Peer, _ place: Int) async throws {
    var decoder = FrameDecoder(limit: limits.messageBytes)
    var timeout: Scheduled<Void>?
    defer { timeout?.cancel() }
    var iterator = inbound.makeAsyncIterator()
    while let bytes = try await iterator.next() {
      decoder.append(bytes.readableBytesView)
      do {
        // What has been read of a client that was cut off is not answered any more, nor anything once lbud ends.
        while !Task.isCancelled, !current.isCutOff, let frame = try decoder.next() {
          timeout?.cancel()
          timeout = nil
          try checkNesting(of: frame, limit: limits.nesting)
          table.isBusy(place)
          try await answer(frame, peer, place)
        }
      } catch let error as FrameError {
        throw exceeded(by: error)
      }
      // The clock starts when all whole calls are answered, so that no client pays for a slow call, and does not start
      // again with each byte.
      if decoder.isInsideFrame {
        guard timeout == nil else { continue }
        timeout = startMessageClock()
        table.isStalled(place)
      } else {
        table.isIdle(place)
      }
    }
    try Task.checkCancellation()
  }

  private func exceeded(by error: FrameError) -> ExceededLimit {
    switch error {
    case .tooLong(let limit): ExceededLimit(name: "messageBytes", maximum: limit)
    case .tooDeep(let limit): ExceededLimit(name: "nesting", maximum: limit)
    }
  }

  /// Ends the stream of bytes with an error when the time for a message is over.
  private func startMessageClock() -> Scheduled<Void> {
    let milliseconds = limits.messageTime / .milliseconds(1)
    let limit = ExceededLimit(name: "messageMilliseconds", maximum: Int(milliseconds))
    return channel.eventLoop.scheduleTask(in: TimeAmount(limits.messageTime)) { [channel] in
      channel.pipeline.fireErrorCaught(limit)
    }
  }

  private func answer(_ frame: [UInt8], _ peer: Peer, _ place: Int) async throws {
    let call: IncomingCall
    do {
      call = try IncomingCall(frame: frame)
    } catch {
      return try await write(encodeReply(error), place)
    }
    let replies = ReplyWriter(for: call.header) { frame, isPatient in
      let timeout = isPatient ? nil : startReadingClock(peer)
      defer { timeout?.cancel() }
      try await write(frame, place)
      // Told of what happens, its client is waited for until something does.
      if !isPatient { table.isIdle(place) }
    }
    // Nobody asked for the result of a oneway call, so its client need not stay for it.
    if call.oneway {
      await handler.answer(call, from: peer, to: replies, logger: logger)
    } else {
      await current.run { await handler.answer(call, from: peer, to: replies, logger: logger) }
    }
    if let limit = replies.exceeded { throw limit }
  }

  /// Cuts off a client that does not take what it is told.
  private func startReadingClock(_ peer: Peer) -> Scheduled<Void> {
    let limit = ExceededLimit(name: "readingMilliseconds", maximum: Int(limits.readingTime / .milliseconds(1)))
    return channel.eventLoop.scheduleTask(in: TimeAmount(limits.readingTime)) { cutOff(limit, peer) }
  }

  private func write(_ frame: [UInt8], _ place: Int) async throws {
    table.isStalled(place)
    defer { table.isBusy(place) }
    try await send(frame)
  }

  private func send(_ frame: [UInt8]) async throws {
    do {
      try await channel.writeAndFlush(ByteBuffer(bytes: frame)).get()
    } catch {
      throw ReplyError.clientGone
    }
  }

  /// Gives a client that does not read its last replies some time, and then no more.
  private func closeSoon() {
    let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(limits.closingTime)) { [channel] in
      channel.close(promise: nil)
    }
    channel.closeFuture.whenComplete { _ in timeout.cancel() }
  }
}

/// The task of the call that is being answered, to be cancelled from outside of it.
private final class CurrentCall: Sendable {
  private enum State {
    case idle
    case running(Task<Void, Never>)
    case over
  }

  private let state = Mutex(State.idle)
  private let isOver = Mutex(false)

  /// Whether no further call is to be answered, not even a oneway one.
  var isCutOff: Bool { isOver.withLock { $0 } }

  func cutOff() { isOver.withLock { $0 = true } }

  /// Runs `body` in a task of its own, which ends with the connection and with the calling task; not at all once the
  /// connection is over.
  func run(_ body: @escaping @Sendable () async -> Void) async {
    let task = state.withLock { state -> Task<Void, Never>? in
      if case .over = state { return nil }
      let task = Task { await body() }
      state = .running(task)
      return task
    }
    guard let task else { return }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    state.withLock { state in
      if case .running = state { state = .idle }
    }
  }

  func cancelForGood() {
    let task = state.withLock { state -> Task<Void, Never>? in
      defer { state = .over }
      if case .running(let task) = state { return task }
      return nil
    }
    task?.cancel()
  }
}
