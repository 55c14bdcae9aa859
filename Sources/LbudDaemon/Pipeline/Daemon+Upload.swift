import LbudArchive
import LbudCore
import LbudSystem
import Logging

/// What is known of what is sent to the server of `LBUD_PUBLISH`.
struct Publication {
  var uploads = UploadSchedule(spread: .random(in: 0...1))
  /// What is fetched from there at first, where there is no media.
  var fetches = UploadSchedule(spread: .random(in: 0...1))
  /// Whether the current snapshot is what was just fetched.
  var hasFetched = false
  /// What is sent or fetched now.
  var task: Task<Void, Never>?
  /// Ends that.
  let end = Daemon.Interruption()
  /// Of these settings and this host name.
  var address: (template: String, host: String, result: Result<UploadAddress, UploadAddress.Refusal>)?
}

/// Sending what is saved to where machines that boot over the network take it from.
extension Daemon {
  /// What there is to tell of it.
  struct UploadStanding: Sendable {
    /// As the settings have it, where it cannot be filled in.
    var url: String
    /// Whether the newest snapshot is there.
    var isDone: Bool
    var isUnderway: Bool
    /// When the last one came there, in seconds since 1970; nil where that is not known.
    var uploadedAt: Int64?
    /// Why the newest one is not there.
    var failure: UploadFailure?
    var next: Instant?
    /// What it waits for, where that is nothing that has failed.
    var waitsFor: String?

    var sentence: String {
      if isDone { return "the newest snapshot is there" }
      if isUnderway { return "it is being sent" }
      return waitsFor ?? (failure == nil ? "it is sent in a moment" : "it could not be sent")
    }
  }

  private static let uploadFile = "uploaded"

  // MARK: Followed

  /// Sends the newest snapshot, if it is not there.
  /// - Returns: when to come back.
  func followUpload(at now: Instant) -> Instant? {
    guard !isStopping, pipeline.settings.publish != nil else { return nil }
    followUploadAddress()
    if let missing = missingMirror { return fetch(missing, at: now) }
    if publication.hasFetched, pipeline.mediaState.isKnown {
      publication.hasFetched = false
      // What is damaged there is to be replaced.
      if let target = uploadTarget {
        publication.uploads.remember(target, at: SystemClock.wallNanoseconds() / 1_000_000_000)
        keepUpload(target)
      }
    }
    guard uploadWaitsFor == nil else { return nil }
    switch publication.uploads.decide(uploadTarget, at: now) {
    case .nothing, .underway: return nil
    case .wait(let until): return until
    case .upload(let target):
      beginUpload(target)
      return nil
    }
  }

  /// Where it is to go, by the settings and by what the machine is called now.
  private func followUploadAddress() {
    guard let template = pipeline.settings.publish else { return publication.address = nil }
    guard publication.address?.template != template || publication.address?.host != host else { return }
    let result: Result<UploadAddress, UploadAddress.Refusal>
    do throws(UploadAddress.Refusal) {
      result = .success(try UploadAddress(template, .read(root: root, hostName: host)))
    } catch {
      result = .failure(error)
      logger.error("nothing is published: LBUD_PUBLISH: \(error.text); \(error.remedy)")
    }
    publication.address = (template, host, result)
    publication.uploads.forgetFailures()
    recallUpload()
  }

  private var uploadTarget: UploadSchedule.Target? {
    guard case .success(let address) = publication.address?.result, let snapshot = pipeline.snapshot else { return nil }
    return .init(address: address, snapshot: snapshot.identity)
  }

  /// Why the newest snapshot is not sent yet.
  var uploadWaitsFor: String? {
    if pendingConfirmation != nil { return "the snapshot is to be confirmed first" }
    if pipeline.mediaProblem != nil { return "the media cannot be used" }
    return nil
  }

  private func beginUpload(_ target: UploadSchedule.Target) {
    publication.uploads.began(target)
    publication.task = Task {
      await upload(target)
      publication.task = nil
      advance()
    }
  }

  private func upload(_ target: UploadSchedule.Target) async {
    var uploader = Uploader(root: root, settings: pipeline.settings)
    let end = publication.end
    uploader.isInterrupted = { end.isSet }
    do {
      let content = try await uploadContent(target)
      guard let content else { return publication.uploads.ended() }
      let mirror = pipeline.settings.keepsOnServer ? ServerMirror(root: root) : nil
      try await OwnThread.run(named: "lbud-upload") { [uploader] in
        try uploader.send(content, to: target.address)
        try mirror?.sendFormer(to: target.address, by: uploader)
      }
      publication.uploads.succeeded(at: SystemClock.wallNanoseconds() / 1_000_000_000)
      keepUpload(target)
      logger.notice("published \(target.address.url)")
    } catch is CancellationError {
      publication.uploads.ended()
    } catch {
      let failure =
        error as? UploadFailure
        ?? UploadFailure(
          "\(error)", hint: (error as? StoreError)?.hint ?? "see the log of lbud")
      if failure != publication.uploads.failure {
        logger.warning("\(target.address.url): not published: \(failure); \(failure.hint)")
      }
      publication.uploads.failed(failure, at: SystemClock.now())
    }
  }

  /// - Returns: nil where there is another snapshot by now.
  private func uploadContent(_ target: UploadSchedule.Target) async throws -> UploadContent? {
    try await exclusively {
      guard let store = self.pipeline.media as? SnapshotStore, let snapshot = self.pipeline.snapshot,
        snapshot.identity == target.snapshot
      else { return nil }
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
  private func keepUpload(_ target: UploadSchedule.Target) {
    let text = "\(target.address.url)\n\(target.snapshot)\n\(publication.uploads.uploadedAt ?? 0)\n"
    do { try runFolder.write(Array(text.utf8), to: Self.uploadFile) } catch {
      logger.warning("that it is published is forgotten when lbud ends: \(error)")
    }
  }

  private func recallUpload() {
    guard case .success(let address) = publication.address?.result, publication.uploads.uploaded == nil,
      let bytes = try? runFolder.read(Self.uploadFile)
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

  // MARK: In words

  var uploadStanding: UploadStanding? {
    guard let template = pipeline.settings.publish else { return nil }
    guard let address = publication.address else {
      return UploadStanding(url: "LBUD_PUBLISH", isDone: false, isUnderway: false)
    }
    switch address.result {
    case .failure(let refusal):
      // What it is may hold a password.
      return UploadStanding(
        url: template.contains("@") ? "LBUD_PUBLISH" : template, isDone: false, isUnderway: false,
        failure: UploadFailure(refusal.text, hint: refusal.remedy))
    case .success(let address):
      let target = uploadTarget
      let isDone = target != nil && target == publication.uploads.uploaded
      var standing = UploadStanding(
        url: address.url, isDone: isDone, isUnderway: publication.uploads.isUnderway,
        uploadedAt: publication.uploads.uploadedAt,
        failure: isDone ? nil : publication.uploads.failure)
      if !isDone { standing.waitsFor = uploadWaitsFor ?? (target == nil ? "nothing is saved yet" : nil) }
      if case .wait(let until) = publication.uploads.decide(target, at: SystemClock.now()), standing.waitsFor == nil {
        standing.next = until
      }
      return standing
    }
  }

  var uploadProblems: [Problem] {
    guard let standing = uploadStanding else { return [] }
    if let failure = publication.fetches.failure {
      return [
        Problem(
          .degraded, subject: standing.url, "what is saved there cannot be fetched: \(failure)", remedy: failure.hint)
      ]
    }
    guard let failure = standing.failure else { return [] }
    return [
      Problem(
        .degraded, subject: standing.url, "the newest snapshot is not published: \(failure)", remedy: failure.hint)
    ]
  }
}

extension KnownSnapshot {
  /// What tells it from every other one: what it holds, and when it was made.
  fileprivate var identity: String {
    "\(size)-\(record?.facts.time ?? modified)-\(record?.identity ?? "none")"
  }
}
