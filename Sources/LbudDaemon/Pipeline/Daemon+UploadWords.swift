import LbudCore
import LbudSystem

/// How it stands with what is published, for `status`.
extension Daemon {
  var uploadStanding: Publication.Standing? {
    guard let template = pipeline.settings.publish else { return nil }
    guard let address = publication.address else {
      return Publication.Standing(url: "LBUD_PUBLISH", isDone: false, isUnderway: false)
    }
    switch address.result {
    case .failure(let refusal):
      // What it is may hold a password.
      return Publication.Standing(
        url: template.contains("@") ? "LBUD_PUBLISH" : template, isDone: false, isUnderway: false,
        failure: UploadFailure(refusal.text, hint: refusal.remedy))
    case .success(let address):
      let target = uploadTarget
      let isDone = target != nil && target == publication.uploads.uploaded
      var standing = Publication.Standing(
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
    func problem(_ what: String, _ failure: UploadFailure) -> Problem {
      Problem(.degraded, subject: standing.url, "\(what): \(failure)", remedy: failure.hint)
    }
    if let failure = publication.fetches.failure { return [problem("what is saved there cannot be fetched", failure)] }
    if let failure = standing.failure { return [problem("the newest snapshot is not published", failure)] }
    if let failure = publication.formers.failure { return [problem("old snapshots are not published", failure)] }
    return []
  }
}
