import LbudCore
import LbudSystem
import Logging

/// A box without media, whose snapshots are on the server of `LBUD_PUBLISH` alone: what the server has is fetched before
/// anything is saved, and nothing counts as saved before the server has it.
extension Daemon {
  /// Where what is fetched is to be; nil where that is done, or there is nothing to fetch.
  var missingMirror: ServerMirror? {
    let mirror = ServerMirror(root: root)
    return pipeline.settings.keepsOnServer && !mirror.isThere ? mirror : nil
  }

  /// Fetches what the server has.
  /// - Returns: when to come back.
  func fetch(_ mirror: ServerMirror, at now: Instant) -> Instant? {
    guard case .success(let address) = publication.address?.result else { return nil }
    let target = UploadSchedule.Target(address: address, snapshot: "")
    switch publication.fetches.decide(target, at: now) {
    case .nothing, .upload:
      publication.fetches.began(target)
      publication.task = Task {
        await fetch(mirror, address)
        publication.task = nil
        advance()
      }
      return nil
    case .underway: return nil
    case .wait(let until): return until
    }
  }

  private func fetch(_ mirror: ServerMirror, _ address: UploadAddress) async {
    var uploader = Uploader(root: root, settings: pipeline.settings)
    let (end, current, logger) = (publication.end, pipeline.media.currentName, self.logger)
    uploader.isInterrupted = { end.isSet }
    do {
      publication.hasFetched = try await OwnThread.run(named: "lbud-upload") { [uploader] in
        try mirror.fill(current, from: address, by: uploader) { logger.warning("\($0)") }
      }
      publication.fetches = UploadSchedule()
      pipeline.forgetMedia()
      logger.notice("fetched what \(address.url) has")
    } catch is CancellationError {
      publication.fetches.ended()
    } catch {
      let failure = error as? UploadFailure ?? UploadFailure("\(error)", hint: "see the log of lbud")
      if failure != publication.fetches.failure {
        logger.warning("\(address.url): not fetched: \(failure); \(failure.hint)")
      }
      publication.fetches.failed(failure, at: SystemClock.now())
    }
  }

  /// Has the server take what was committed, where nothing else keeps it.
  /// - Throws: `StoreError` where it does not.
  func sendCommitted() async throws(StoreError) {
    guard pipeline.settings.keepsOnServer, uploadWaitsFor == nil else { return }
    publication.uploads.forgetFailures()
    // A newer one may come meanwhile: then that is what is sent.
    for _ in 0..<3 {
      advance()
      guard let task = publication.task else { break }
      await task.value
    }
    guard let standing = uploadStanding, !standing.isDone else { return }
    let why = standing.failure.map { "\($0)" } ?? standing.sentence
    throw StoreError(
      "it is saved in memory only, and gone after a reboot, until \(standing.url) takes it: \(why)",
      hint: standing.failure?.hint ?? "lbud tries again")
  }
}
