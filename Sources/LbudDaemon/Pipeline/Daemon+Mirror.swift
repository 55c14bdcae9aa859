import LbudCore
import LbudSystem
import Logging

/// A box without media, whose snapshots are on the server of `LBUD_PUBLISH` alone: what the server has is fetched before
/// anything is saved, and nothing counts as saved before the server has it.
extension Daemon {
  // MARK: What is there

  /// Where what is fetched is to be; nil where that is done, or there is nothing to fetch.
  func missingMirror(for address: UploadAddress) -> ServerMirror? {
    guard pipeline.settings.keepsOnServer else { return nil }
    let mirror = ServerMirror(root: root)
    return mirror.isThere(for: address) ? nil : mirror
  }

  /// Where another place is saved to by now, a mirror would soon be of no use.
  func dropMirror() {
    if pipeline.settings.keepsOnServer { publication.mayHaveMirror = true }
    guard publication.mayHaveMirror, !pipeline.settings.keepsOnServer else { return }
    publication.mayHaveMirror = false
    do { try ServerMirror(root: root).remove() } catch { logger.warning("\(error)") }
  }

  /// What another URL has is no concern of this one: nothing is saved before it was asked.
  func forgetMirror(butFor address: UploadAddress) {
    guard let mirror = missingMirror(for: address), mirror.isAnywhere else { return }
    do { try mirror.remove() } catch { logger.warning("\(error)") }
    pipeline.forgetSnapshot()
  }

  // MARK: Fetched

  /// Fetches what the server has.
  /// - Returns: when to come back.
  func fetch(_ mirror: ServerMirror, at now: Instant) -> Instant? {
    guard case .success(let address) = publication.address?.result else { return nil }
    let target = UploadSchedule.Target(address: address, snapshot: "")
    switch publication.fetches.decide(target, at: now) {
    case .underway: return nil
    case .wait(let until): return until
    case .nothing, .upload:
      publication.fetches.began(target)
      begin { await $0.fetch(mirror, address) }
      return nil
    }
  }

  private func fetch(_ mirror: ServerMirror, _ address: UploadAddress) async {
    do {
      let (uploader, current, logger) = (self.uploader(), pipeline.media.currentName, self.logger)
      let hasCurrent = try await OwnThread.run(named: "lbud-upload") {
        try mirror.fetch(current, from: address, by: uploader) { logger.warning("\($0)") }
      }
      let isWanted = try await exclusively {
        // The settings, or the name of the box, may be others by now.
        guard self.pipeline.settings.keepsOnServer, self.pipeline.media.currentName == current,
          case .success(address) = self.publication.address?.result
        else { return false }
        try await OwnThread.run(named: "lbud-media") { try mirror.adopt(address) }
        self.publication.hasFetched = hasCurrent
        self.pipeline.forgetMedia()
        return true
      }
      publication.fetches = Publication.schedule
      if isWanted { logger.notice("fetched what \(address.url) has") }
    } catch {
      failed(\.fetches, error, "\(address.url): not fetched")
    }
  }

  /// What was fetched need not be sent again.
  func takeFetched() {
    guard publication.hasFetched else { return }
    publication.hasFetched = false
    // What is damaged there is to be replaced.
    guard let target = uploadTarget else { return }
    let time = SystemClock.wallNanoseconds() / 1_000_000_000
    publication.uploads.remember(target, at: time)
    publication.formers.remember(target, at: time)
    keepUpload(target)
  }

  /// Whether what is saved to is of the URL that counts now.
  private var isMirrorReady: Bool {
    guard isAddressCurrent, case .success(let address) = publication.address?.result else { return false }
    return missingMirror(for: address) == nil
  }

  /// Somebody wants to save: waits for what the server has, whatever was the matter before.
  /// - Parameter patience: seconds.
  func fetchMirror(patience: Int) async {
    publication.fetches.forgetFailures()
    let end = SystemClock.now() + Seconds(Int64(patience))
    while SystemClock.now() < end {
      advance()
      guard publication.task != nil, !isMirrorReady else { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  // MARK: Sent

  /// Has the server keep the old snapshots too.
  /// - Returns: when to come back.
  func followFormer(at now: Instant) -> Instant? {
    guard pipeline.settings.keepsOnServer else { return nil }
    switch publication.formers.decide(uploadTarget, at: now) {
    case .nothing, .underway: return nil
    case .wait(let until): return until
    case .upload(let target):
      publication.formers.began(target)
      begin { await $0.sendFormer(target) }
      return nil
    }
  }

  private func sendFormer(_ target: UploadSchedule.Target) async {
    let (uploader, mirror) = (self.uploader(), ServerMirror(root: root))
    do {
      try await OwnThread.run(named: "lbud-upload") { try mirror.sendFormer(to: target.address, by: uploader) }
      publication.formers.succeeded(at: SystemClock.wallNanoseconds() / 1_000_000_000)
    } catch {
      failed(\.formers, error, "\(target.address.url): old snapshots are not published")
    }
  }

  /// Has the server take what was committed, where nothing else keeps it.
  /// - Throws: `StoreError` where it does not.
  /// - Parameter isNew: whether something was just committed.
  func sendCommitted(isNew: Bool = false) async throws(StoreError) {
    guard pipeline.settings.keepsOnServer else { return }
    publication.uploads.forgetFailures()
    do { try await settle() } catch {
      throw error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud")
    }
    guard uploadWaitsFor == nil else { return }
    // What is under way may be an older one, or an old one.
    for _ in 0..<10 where !(uploadStanding?.isDone ?? true) {
      advance()
      guard let task = publication.task else { break }
      await task.value
    }
    if let lost = onlyInMemory { throw lost }
    guard !isNew || uploadStanding?.isDone ?? false else { throw .settingsChanged() }
  }

  /// What is saved and would be gone after a reboot; nil where the server has it, or something else keeps it.
  var onlyInMemory: StoreError? {
    guard pipeline.settings.keepsOnServer, pipeline.snapshot != nil, pendingConfirmation == nil,
      let standing = uploadStanding, !standing.isDone
    else { return nil }
    let why = standing.failure.map { "\($0)" } ?? standing.sentence
    return StoreError(
      "it is saved in memory only, and gone after a reboot, until \(standing.url) takes it: \(why)",
      hint: standing.failure?.hint ?? "lbud tries again")
  }
}

extension StoreError {
  /// A command without lbud sends nothing.
  static func onlyByLbud() -> StoreError {
    StoreError(
      "there is no place to save to but the server of LBUD_PUBLISH, and only lbud sends it there",
      hint: "start lbud: rc-service lbud start; or set LBU_MEDIA")
  }
}
