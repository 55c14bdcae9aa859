import LbudCore
import LbudSystem
import Logging

extension Daemon {
  /// Looks at the media, once however many ask; on a thread of its own, since a dying medium hangs.
  func look() async {
    if let looking { return await looking.value }
    guard pipeline.wantsLook, !isCommitting, !isStopping else { return }
    let task = Task { await lookAtMedia() }
    looking = task
    await task.value
    advance()
  }

  private func lookAtMedia() async {
    // By the task itself: whoever waits for it may go on before whoever began it.
    defer { looking = nil }
    await packagesAreRead(patience: 5)
    let (media, known, logger) = (pipeline.media, pipeline.known, self.logger)
    pipeline.lookBegan()
    logger.debug("looking at \(media.path)")
    let result: Result<MediaLook, StoreError>
    do {
      result = .success(
        try await OwnThread.run(named: "lbud-media") { try media.look(known: known) { logger.debug("\($0)") } })
    } catch {
      result = .failure(error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud"))
    }
    do { try pipeline.take(result, of: media, at: SystemClock.now()) } catch {
      logger.error("the root directory cannot be looked at: \(error)")
    }
  }

  /// The same, but waits no longer than so many seconds; it goes on by itself.
  /// - Returns: whether it has ended.
  func look(atMost seconds: Int) async -> Bool {
    if looking == nil { Task { await look() } }
    for _ in 0..<(seconds * 50) {
      try? await Task.sleep(for: .milliseconds(20))
      if looking == nil { return true }
    }
    return false
  }

  /// What there is to say of media that are being looked at and do not answer.
  var silence: StoreError? {
    looking == nil ? nil : .silent(pipeline.mediaPath)
  }
}
