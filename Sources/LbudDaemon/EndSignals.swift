import UnixSignals

/// The signals that end lbud in order. From when this is there until the process ends they no longer end it at once, and
/// those that come meanwhile are kept.
struct EndSignals {
  private let signals: UnixSignalsSequence

  init() async { signals = await UnixSignalsSequence(trapping: .sigterm, .sigint) }

  /// Waits for the first of them; to be called once.
  /// - Returns: nil where the task was cancelled before.
  func first() async -> UnixSignal? {
    var signals = signals.makeAsyncIterator()
    return await signals.next()
  }
}
