import LbudArchive
import LbudCore
import LbudProtocol
import LbudSystem

/// The daemon's state in the words of the interface.
extension DaemonReport {
  func statusReply(changeLimit: Int) -> StatusReply {
    StatusReply(
      version: lbudVersion, host: host, root: root,
      media: MediaReport(
        path: mediaPath.isEmpty ? nil : mediaPath, present: mediaProblem == nil, problem: mediaProblem?.description,
        mirror: settings.keepsOnServer, free: mediaFree.map { Int(clamping: $0) }),
      snapshot: snapshot.map(SnapshotReport.init), pending: changeReports(changes, limit: changeLimit),
      counts: ChangeCounts(changes), plan: plan, hold: hold.map(holdReport),
      confirmation: confirmation.map(confirmationReport), upload: upload.map(uploadReport), problems: allProblems,
      lastError: failure, failures: failures)
  }

  func holdReport(_ hold: Hold) -> HoldReport {
    HoldReport(
      since: Double(hold.since), until: hold.until.map(time), uid: Int(hold.uid), user: hold.user, message: hold.why)
  }

  private func uploadReport(_ upload: Publication.Standing) -> UploadReport {
    let state: UploadReport.State =
      if upload.isDone { .done } else if upload.isUnderway { .sending } else {
        upload.failure == nil || upload.waitsFor != nil ? .waiting : .failed
      }
    return UploadReport(
      url: upload.url, state: state, sentence: upload.sentence, time: upload.uploadedAt.map(Double.init),
      next: upload.next.map(time))
  }

  private var allProblems: [ProblemReport] {
    var reports = problems.map(ProblemReport.init)
    if let mediaProblem {
      reports.insert(
        ProblemReport(
          severity: .blocking, subject: mediaPath.isEmpty ? "/" + Settings.path.display : mediaPath,
          text: mediaProblem.description, remedy: mediaProblem.hint), at: 0)
    }
    return reports
  }

  private var failure: FailureReport? {
    guard let lastFailure, let lastFailureTime else { return nil }
    return FailureReport(time: time(of: lastFailureTime), message: lastFailure.description, hint: lastFailure.hint)
  }

  var plan: PlanReport {
    let sentence = Policy.sentence(decision, settings: settings, now: now)
    switch decision {
    case .commit: return PlanReport(state: .committing, sentence: sentence, at: time(of: now))
    case .wait(let until, let waiting):
      let state: PlanReport.State =
        switch waiting {
        case .nothingChanged: .clean
        case .committing: .committing
        case .held: .held
        case .mediaMissing, .obstacle: .blocked
        case .onRequestOnly, .transaction, .quiet, .longestDelay, .shortestInterval, .retry: .waiting
        }
      return PlanReport(state: state, sentence: sentence, at: until.map(time))
    }
  }

  /// The first changes by path.
  func changeReports(_ changes: [BytePath: Change], limit: Int) -> [ChangeReport] {
    // The paths alone are moved about: a change is a large value.
    changes.firstPaths(limit).compactMap { path in changes[path].map { changeReport(path, $0) } }
  }

  func changeReport(_ path: BytePath, _ change: Change) -> ChangeReport {
    ChangeReport(
      path: WirePath(path), kind: .init(change.kind), first: time(of: change.first), last: time(of: change.last),
      generation: Int(clamping: change.generation))
  }

  func commitReply(_ outcome: Daemon.Outcome) -> CommitReply {
    CommitReply(
      committed: outcome.committed != nil,
      changes: changeReports(outcome.changes, limit: ControlInterface.changeLimit),
      counts: ChangeCounts(outcome.changes), media: outcome.media,
      snapshot: outcome.committed.map { SnapshotReport($0) }, former: outcome.committed?.former,
      retired: outcome.committed?.retired ?? [], removed: outcome.committed?.removed ?? [],
      dropped: outcome.committed?.dropped ?? [], droppedBy: outcome.committed?.droppedBy,
      notes: outcome.committed?.notes ?? [], scheduled: false,
      confirmation: outcome.committed?.confirmation.map(confirmationReport))
  }
}

extension SnapshotReport {
  init(_ known: KnownSnapshot) {
    self.init(
      name: known.name, size: Int(clamping: known.size),
      time: known.record.map { Double($0.facts.time) } ?? Double(known.modified), entries: known.entryCount,
      record: known.record)
  }

  init(_ committed: CommittedSnapshot) {
    self.init(
      name: committed.name, size: Int(clamping: committed.size), time: Double(committed.record.facts.time),
      entries: committed.record.entryCount, record: committed.record)
  }

  private init(name: String, size: Int, time: Double, entries: Int, record: SnapshotRecord?) {
    self.init(
      name: name, size: size, time: time, entries: entries, reason: record?.facts.reason,
      uid: record.map { Int($0.facts.uid) }, user: record?.facts.user, message: record?.facts.message,
      changed: record?.facts.changedCount)
  }
}

extension ProblemReport {
  init(_ problem: Problem) {
    let severity: Severity =
      switch problem.severity {
      case .warning: .warning
      case .degraded: .degraded
      case .blocking: .blocking
      }
    self.init(severity: severity, subject: problem.subject, text: problem.text, remedy: problem.remedy)
  }
}

extension ChangeReport.Kind {
  init(_ kind: Change.Kind) {
    self =
      switch kind {
      case .added: .added
      case .modified: .modified
      case .metadata: .metadata
      case .deleted: .deleted
      }
  }
}

extension ChangeCounts {
  init(_ changes: [BytePath: Change]) {
    self.init(added: 0, modified: 0, metadata: 0, deleted: 0)
    for change in changes.values {
      switch change.kind {
      case .added: added += 1
      case .modified: modified += 1
      case .metadata: metadata += 1
      case .deleted: deleted += 1
      }
    }
  }
}
