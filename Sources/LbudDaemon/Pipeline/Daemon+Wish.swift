import Glibc
import LbudCore
import LbudSystem
import Logging

/// Commits that are asked for and that nobody waits for: by a signal, by apk's hook, in the middle of a transaction.
extension Daemon {
  /// Takes a wish in; the commit comes as soon as nothing is in its way.
  /// - Returns: what keeps it from being made, for a person; nil where nothing does.
  package func ask(_ request: Request) -> String? {
    if !request.reason.isWish {
      if let hold = pipeline.hold { return hold.words }
      if !pipeline.settings.automatic { return "LBUD_AUTO=no" }
    }
    var request = request
    request.isDeferred = true
    // What is wished is more than what a hook asks for.
    if let wish, wish.reason.isWish, !request.reason.isWish { request = wish }
    wish = request
    wishNumber += 1
    do { try pipeline.ask(for: request.reason, at: SystemClock.now()) } catch {
      logger.error("the root directory cannot be looked at: \(error)")
    }
    advance()
    return nil
  }

  /// What a signal asks for.
  package func signalled() {
    logger.info("asked for a commit by SIGUSR1")
    _ = ask(Request(reason: .signal, uid: geteuid()))
  }

  /// A wish that finds nothing to save has ended.
  func followWish() {
    guard let wish, !isCommitting, looking == nil, !pipeline.wantsLook, !pipeline.isUnsaved else { return }
    guard apkLock.holder() == nil else { return }
    logger.info("nothing to save (\(wish.reason))")
    self.wish = nil
  }

  /// Whether a client was started by the very transaction whose end a commit has to wait for: it would wait for ever.
  package func isInTransaction(pid: Int32) -> LockTable.Holder? {
    guard let holder = apkLock.holder(), let apk = holder.pid, ProcessTree.isDescendant(pid, of: apk) else {
      return nil
    }
    return holder
  }

  /// Reads the settings again and looks at everything, whatever has changed.
  /// - Returns: what is wrong.
  package func reloadAll() async throws -> [Problem] {
    tellReloading(true)
    defer { tellReloading(false) }
    // One that is under way would put its own in the place of the new reader.
    while let reloading { await reloading.value }
    configuration = ConfigurationReader(root: root)
    settingsRetry = nil
    await reload()
    pipeline.distrustMedia()
    // The machine may have another address by now.
    publication.addressDue = SystemClock.now()
    publication.uploads.forgetFailures()
    publication.fetches.forgetFailures()
    try pipeline.lookAtEverything(at: SystemClock.now())
    try await settle(patience: 2)
    return pipeline.problems
  }
}
