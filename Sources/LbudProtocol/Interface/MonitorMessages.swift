/// Parameters of `io.lbud.Monitor`.
package struct MonitorCall: Codable, Sendable, Equatable {
  /// How many paths an event lists at most.
  package var limit: Int?

  package init(limit: Int? = nil) { self.limit = limit }
}

/// One of the answers to `io.lbud.Monitor`.
package struct MonitorReply: Codable, Sendable, Equatable {
  package var event: EventReport

  package init(event: EventReport) { self.event = event }
}

/// Something that has happened, and how things stand after it.
package struct EventReport: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case changed, planned, committing, progress, committed, failed, media, held, released, awaiting, confirmed,
      wentBack, problem, solved, reloaded
    case ending
  }

  /// Seconds since 1970.
  package var time: Double
  package var kind: Kind
  /// One line for a person.
  package var sentence: String
  package var counts: ChangeCounts
  package var plan: PlanReport
  package var changes: [ChangeReport]?
  /// How many changes more there are than are listed.
  package var others: Int?
  /// Paths that no longer differ from the snapshot, though no commit was made.
  package var restored: [WirePath]?
  package var reason: String?
  package var progress: ProgressReport?
  package var snapshot: SnapshotReport?
  package var media: MediaReport?
  package var failure: FailureReport?
  package var hold: HoldReport?
  package var confirmation: ConfirmationReport?
  package var problem: ProblemReport?

  package init(time: Double, kind: Kind, sentence: String, counts: ChangeCounts, plan: PlanReport) {
    self.time = time
    self.kind = kind
    self.sentence = sentence
    self.counts = counts
    self.plan = plan
  }
}

/// How far a commit is.
package struct ProgressReport: Codable, Sendable, Equatable {
  package enum Step: String, Codable, Sendable, CaseIterable {
    case hooks, writing, encrypting, checking, publishing
  }

  package var step: Step
  /// Bytes; 0 of 0 where a step has nothing to count.
  package var done: Int
  package var total: Int

  package init(step: Step, done: Int = 0, total: Int = 0) {
    self.step = step
    self.done = done
    self.total = total
  }
}
