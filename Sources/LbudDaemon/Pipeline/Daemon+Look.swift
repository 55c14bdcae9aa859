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
    await take(beginLook())
  }

  /// A look on its way.
  struct Reading {
    var media: any SnapshotMedia
    var result: Task<Result<MediaLook, StoreError>, Never>

    /// Begins it.
    init(of media: any SnapshotMedia, known: SnapshotStore.Known?, _ logger: Logger) {
      self.media = media
      logger.debug("looking at \(media.path)")
      result = Task.detached {
        do {
          return .success(
            try await OwnThread.run(named: "lbud-media") { try media.look(known: known) { logger.debug("\($0)") } })
        } catch {
          return .failure(error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud"))
        }
      }
    }
  }

  private func beginLook() -> Reading {
    pipeline.lookBegan()
    return Reading(of: pipeline.media, known: pipeline.known, logger)
  }

  /// Whoever asks meanwhile waits for it, as for any look.
  func follow(_ reading: Reading) {
    looking = Task {
      defer { looking = nil }
      await take(reading)
      advance()
    }
  }

  private func take(_ reading: Reading) async {
    let result = await reading.result.value
    do { try pipeline.take(result, of: reading.media, at: SystemClock.now()) } catch {
      logger.error("the root directory cannot be looked at: \(error)")
    }
    SpareMemory.giveBack()
  }

  /// The same, but waits no longer than so many seconds; it goes on by itself.
  /// - Returns: whether it has ended.
  func look(atMost seconds: Int) async -> Bool {
    if looking == nil { Task { await look() } }
    for _ in 0..<(seconds * 50) {
      try? await Task.sleep(for: .milliseconds(20))
      if looking == nil { return true }
    }
    // What is saved is not known, and nobody shall be told that all of it is.
    do { try pipeline.stopExpecting(at: SystemClock.now()) } catch {
      logger.error("the root directory cannot be looked at: \(error)")
    }
    return false
  }

  /// What there is to say of media that are being looked at and do not answer.
  var silence: StoreError? {
    looking == nil ? nil : .silent(pipeline.mediaPath)
  }
}
