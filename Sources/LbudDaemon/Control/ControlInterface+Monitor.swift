import LbudProtocol

/// What happens, as it happens.
extension ControlInterface {
  /// How long what comes is gathered before it is told.
  private static let pause = Duration.milliseconds(100)

  func monitor(_ call: IncomingCall, _ peer: Peer, _ replies: ReplyWriter) async throws {
    let parameters = try call.parameters(as: MonitorCall.self)
    let limit = try limit(parameters.limit, of: peer)
    // Oneway it would go on for ever, for nobody.
    guard call.more, !call.oneway else { throw VarlinkError.expectedMore }
    let monitor = try await daemon.beginMonitor()
    do {
      try await tell(monitor, limit, replies)
      await daemon.endMonitor(monitor.id)
    } catch {
      await daemon.endMonitor(monitor.id)
      throw error
    }
  }

  private func tell(_ monitor: Monitors.Monitor, _ limit: Int, _ replies: ReplyWriter) async throws {
    var wakeups = monitor.wakeups.makeAsyncIterator()
    while true {
      // Nil where the task is cancelled. If lbud ends, that is still to be told.
      let isCancelled = await wakeups.next() == nil
      for event in try await daemon.news(for: monitor.id, limit: limit) {
        let isLast = event.kind == .ending
        try await replies.send(MonitorReply(event: event), continues: !isLast, isPatient: false)
        if isLast { return }
      }
      if isCancelled { throw CancellationError() }
      // Cancelled, it is over at once.
      try? await Task.sleep(for: Self.pause)
    }
  }
}
