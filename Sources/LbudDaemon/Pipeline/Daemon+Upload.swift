import LbudCore
import LbudSystem
import Logging

/// Sending what is saved to where machines that boot over the network take it from.
extension Daemon {
  private static let uploadFile = "uploaded"

  // MARK: Followed

  /// Sends the newest snapshot, if it is not there.
  /// - Returns: when to come back.
  func followUpload(at now: Instant) -> Instant? {
    // What is under way comes back here when it has ended.
    guard !isStopping, !publication.end.isSet, publication.task == nil, !isCommitting else { return nil }
    // Where nothing is published there is nothing to do, each time that lbud wakes up.
    guard pipeline.settings.publish != nil || publication.address != nil || publication.mayHaveMirror else {
      return nil
    }
    dropMirror()
    followUploadAddress(at: now)
    guard case .success(let address) = publication.address?.result else { return publication.addressDue }
    if let missing = missingMirror(for: address) { return fetch(missing, at: now) }
    // What is to be confirmed is told by a look, and so is what was put there by somebody else.
    guard pipeline.mediaState.isKnown, uploadWaitsFor == nil else { return nil }
    takeFetched()
    switch publication.uploads.decide(uploadTarget, at: now) {
    case .nothing: return followFormer(at: now)
    case .underway: return nil
    case .wait(let until): return until
    case .upload(let target):
      publication.uploads.began(target)
      begin { await $0.upload(target) }
      return nil
    }
  }

  func begin(_ body: @escaping @Sendable (isolated Daemon) async -> Void) {
    publication.task = Task {
      await body(self)
      publication.task = nil
      advance()
    }
  }

  /// Where it is to go, by the settings and by what the machine is called now.
  private func followUploadAddress(at now: Instant) {
    guard let template = pipeline.settings.publish else {
      publication.address = nil
      return
    }
    let isSame = isAddressCurrent
    if isSame, publication.addressDue.map({ $0 > now }) ?? true { return }
    publication.addressDue = nil
    do throws(UploadAddress.Refusal) {
      let address = try UploadAddress(template, .read(root: root, hostName: host))
      publication.address = (template, host, .success(address))
      forgetMirror(butFor: address)
      publication.uploads.forgetFailures()
      publication.fetches = Publication.schedule
      recallUpload(address)
    } catch {
      // An interface may come later.
      if error.isAboutMachine { publication.addressDue = now + 60 }
      guard !isSame else { return }
      publication.address = (template, host, .failure(error))
      logger.error("nothing is published: LBUD_PUBLISH: \(error.text); \(error.remedy)")
    }
  }

  /// Whether the address is of the settings and of the name that count now.
  var isAddressCurrent: Bool {
    publication.address.map { $0.template == pipeline.settings.publish && $0.host == host } ?? false
  }

  var uploadTarget: UploadSchedule.Target? {
    guard case .success(let address) = publication.address?.result, let snapshot = pipeline.snapshot else { return nil }
    return .init(address: address, snapshot: snapshot.identity)
  }

  /// Why the newest snapshot is not sent yet.
  var uploadWaitsFor: String? {
    if pendingConfirmation != nil { return "the snapshot is to be confirmed first" }
    if pipeline.mediaProblem != nil { return "the media cannot be used" }
    // Its folder cannot be read: what nobody has confirmed must not boot elsewhere.
    if pipeline.mediaState.isKnown, pipeline.confirmation == nil { return "it may have to be confirmed first" }
    return nil
  }

  private func upload(_ target: UploadSchedule.Target) async {
    do {
      let uploader = self.uploader()
      guard let content = try await uploadContent(target) else { return publication.uploads.ended() }
      try await OwnThread.run(named: "lbud-upload") { try uploader.send(content, to: target.address) }
      publication.uploads.succeeded(at: SystemClock.wallNanoseconds() / 1_000_000_000)
      keepUpload(target)
      logger.notice("published \(target.address.url)")
    } catch {
      failed(\.uploads, error, "\(target.address.url): not published")
    }
  }

  /// With the settings that count now.
  func uploader() -> Uploader {
    let end = publication.end
    var uploader = Uploader(root: root, settings: pipeline.settings)
    uploader.isInterrupted = { end.isSet }
    return uploader
  }

  /// Something was not sent, or not fetched. What is the same each time is logged once.
  func failed(_ schedule: WritableKeyPath<Publication, UploadSchedule>, _ error: any Error, _ what: String) {
    let failure: UploadFailure
    if let error = error as? UploadFailure {
      failure = error
    } else if error is CancellationError {
      // A reading gives way to something that cannot wait.
      guard publication.end.isSet else { return publication[keyPath: schedule].ended() }
      failure = UploadFailure(
        "the server did not answer before lbud had to end", hint: "lbuctl status tells it after the next start")
    } else {
      failure = UploadFailure("\(error)", hint: (error as? StoreError)?.hint ?? "see the log of lbud")
    }
    if failure != publication[keyPath: schedule].failure { logger.warning("\(what): \(failure); \(failure.hint)") }
    publication[keyPath: schedule].failed(failure, at: SystemClock.now())
  }

  /// - Returns: nil where there is another snapshot by now.
  private func uploadContent(_ target: UploadSchedule.Target) async throws -> UploadContent? {
    try await exclusively {
      guard let store = self.pipeline.media as? SnapshotStore, let snapshot = self.pipeline.snapshot,
        snapshot.identity == target.snapshot, self.uploadWaitsFor == nil
      else { return nil }
      // Its name on the media says whether it is encrypted, and the name there has to say the same.
      if let objection = target.address.objection(toCipher: SnapshotStore.cipher(of: snapshot.name)) { throw objection }
      if self.pipeline.settings.keepsOnServer, let objection = ServerMirror.objection(toSize: snapshot.size) {
        throw objection
      }
      let logger = self.logger
      return try await interruptibly(store) { store in
        try await OwnThread.run(named: "lbud-media") {
          try store.contentForUpload(snapshot.name, size: snapshot.size) { logger.debug("\($0)") }
        }
      }
    }
  }

  // MARK: Kept

  /// Another lbud of this boot need not send it again.
  func keepUpload(_ target: UploadSchedule.Target) {
    let text = "\(target.address.url)\n\(target.snapshot)\n\(publication.uploads.uploadedAt ?? 0)\n"
    do { try runFolder.write(Array(text.utf8), to: Self.uploadFile) } catch {
      logger.warning("that it is published is forgotten when lbud ends: \(error)")
    }
  }

  private func recallUpload(_ address: UploadAddress) {
    guard publication.uploads.uploaded == nil, let bytes = try? runFolder.read(Self.uploadFile)
    else { return }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[0] == address.url, let time = Int64(lines[2]) else { return }
    publication.uploads.remember(.init(address: address, snapshot: String(lines[1])), at: time)
  }

  // MARK: Waited for

  /// Sends what is saved and not there, before the machine ends. What is not there after some seconds is sent after the boot.
  func uploadTheLast() async {
    guard pipeline.settings.publish != nil else { return }
    // Where there is nothing else, what is not there then is lost.
    let patience = pipeline.settings.keepsOnServer ? 60 : publication.uploads.failure == nil ? 15 : 5
    publication.uploads.forgetFailures()
    for _ in 0..<(patience * 50) {
      _ = followUpload(at: SystemClock.now())
      // One try: there is no time for pauses.
      guard publication.task != nil else { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
    publication.end.set()
    // Whatever it has started is gone before lbud is.
    for _ in 0..<100 where publication.task != nil { try? await Task.sleep(for: .milliseconds(20)) }
  }
}
