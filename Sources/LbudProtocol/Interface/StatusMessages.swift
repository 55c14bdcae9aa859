/// Parameters of `io.lbud.Status`.
package struct StatusCall: Codable, Sendable, Equatable {
  package var limit: Int?

  package init(limit: Int? = nil) { self.limit = limit }
}

/// The answer to `io.lbud.Status`.
package struct StatusReply: Codable, Sendable, Equatable {
  package var version: String
  package var host: String
  package var root: String
  package var media: MediaReport
  package var snapshot: SnapshotReport?
  package var pending: [ChangeReport]
  package var counts: ChangeCounts
  package var plan: PlanReport
  package var hold: HoldReport?
  package var confirmation: ConfirmationReport?
  package var upload: UploadReport?
  package var degraded: Bool
  package var problems: [ProblemReport]
  package var lastError: FailureReport?
  package var failures: Int

  package init(
    version: String, host: String, root: String, media: MediaReport, snapshot: SnapshotReport?,
    pending: [ChangeReport], counts: ChangeCounts, plan: PlanReport, hold: HoldReport? = nil,
    confirmation: ConfirmationReport? = nil, upload: UploadReport? = nil,
    problems: [ProblemReport], lastError: FailureReport?, failures: Int = 0
  ) {
    self.version = version
    self.host = host
    self.root = root
    self.media = media
    self.snapshot = snapshot
    self.pending = pending
    self.counts = counts
    self.plan = plan
    self.hold = hold
    self.confirmation = confirmation
    self.upload = upload
    self.degraded = problems.contains { $0.severity != .warning }
    self.problems = problems
    self.lastError = lastError
    self.failures = failures
  }
}

package struct MediaReport: Codable, Sendable, Equatable {
  package var path: String?
  package var present: Bool
  package var problem: String?
  /// Bytes.
  package var free: Int?

  package init(path: String?, present: Bool, problem: String?, free: Int? = nil) {
    self.path = path
    self.present = present
    self.problem = problem
    self.free = free
  }
}

/// A snapshot on the media.
package struct SnapshotReport: Codable, Sendable, Equatable {
  package var name: String
  /// Bytes.
  package var size: Int
  /// Seconds since 1970; the record's, or the file's where it has none.
  package var time: Double
  package var entries: Int
  package var reason: String?
  package var uid: Int?
  package var user: String?
  package var message: String?
  package var changed: Int?

  package init(
    name: String, size: Int, time: Double, entries: Int, reason: String? = nil, uid: Int? = nil, user: String? = nil,
    message: String? = nil, changed: Int? = nil
  ) {
    self.name = name
    self.size = size
    self.time = time
    self.entries = entries
    self.reason = reason
    self.uid = uid
    self.user = user
    self.message = message
    self.changed = changed
  }
}

/// A path that differs from the snapshot.
package struct ChangeReport: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case added, modified, metadata, deleted
  }

  package var path: WirePath
  package var kind: Kind
  /// Seconds since 1970.
  package var first: Double
  package var last: Double
  package var generation: Int

  package init(path: WirePath, kind: Kind, first: Double, last: Double, generation: Int) {
    self.path = path
    self.kind = kind
    self.first = first
    self.last = last
    self.generation = generation
  }
}

package struct ChangeCounts: Codable, Sendable, Equatable {
  package var added: Int
  package var modified: Int
  package var metadata: Int
  package var deleted: Int

  package init(added: Int = 0, modified: Int = 0, metadata: Int = 0, deleted: Int = 0) {
    self.added = added
    self.modified = modified
    self.metadata = metadata
    self.deleted = deleted
  }

  package var total: Int { added + modified + metadata + deleted }
}

/// What happens next.
package struct PlanReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case clean, waiting, held, committing, blocked
  }

  package var state: State
  package var sentence: String
  /// When a commit is due, seconds since 1970.
  package var at: Double?

  package init(state: State, sentence: String, at: Double?) {
    self.state = state
    self.sentence = sentence
    self.at = at
  }
}

/// Where machines that boot over the network take the snapshot from.
package struct UploadReport: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable, CaseIterable {
    case done, sending, waiting, failed
  }

  package var url: String
  package var state: State
  package var sentence: String
  /// Seconds since 1970.
  package var time: Double?
  package var next: Double?

  package init(url: String, state: State, sentence: String, time: Double? = nil, next: Double? = nil) {
    self.url = url
    self.state = state
    self.sentence = sentence
    self.time = time
    self.next = next
  }
}

package struct ProblemReport: Codable, Sendable, Equatable {
  package enum Severity: String, Codable, Sendable, CaseIterable {
    case warning, degraded, blocking
  }

  package var severity: Severity
  package var subject: String
  package var text: String
  package var remedy: String

  package init(severity: Severity, subject: String, text: String, remedy: String) {
    self.severity = severity
    self.subject = subject
    self.text = text
    self.remedy = remedy
  }
}

package struct FailureReport: Codable, Sendable, Equatable {
  /// Seconds since 1970.
  package var time: Double
  package var message: String
  package var hint: String

  package init(time: Double, message: String, hint: String) {
    self.time = time
    self.message = message
    self.hint = hint
  }
}
