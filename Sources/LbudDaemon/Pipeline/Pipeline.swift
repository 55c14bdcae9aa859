import LbudArchive
import LbudCore
import LbudSystem

/// The whole flow: events -> journal -> policy -> selection -> archive -> publish -> journal.
///
/// It belongs to one owner and starts nothing by itself: `step` takes in what has happened and says what to do, the
/// owner does it. A commit is prepared here, made elsewhere (it takes time), and its result brought back.
final class Pipeline<Tree: Overlay, Rules: RulesSource> {
  private(set) var journal = Journal()
  private(set) var policy: Policy
  private(set) var snapshot: KnownSnapshot?
  private(set) var lastFailure: (time: Instant, error: StoreError)?
  private let tree: Tree
  private var rules: Rules
  private var media: any SnapshotMedia
  private var mediaError: StoreError?
  private var baseline = Baseline.unread
  private var lastRescan: Instant
  private var lastStep = Instant(nanoseconds: 0)
  /// Whether the current snapshot is one that may not survive a power cut.
  private var isUnsettled = false
  private var rulesProblems: [Problem]
  private var settingsProblems: [Problem] = []
  private var snapshotProblem: Problem?
  private var leftovers: [Problem] = []

  /// Which file the journal's baseline was read from.
  private enum Baseline: Equatable {
    case unread
    case read(FileStatus.Signature?)
  }

  init(tree: Tree, rules: Rules, loaded: ControlFiles.Loaded, media: any SnapshotMedia, settings: Settings) {
    self.tree = tree
    self.rules = rules
    self.media = media
    policy = Policy(settings: settings)
    rulesProblems = loaded.problems
    lastRescan = Instant(nanoseconds: 0)
  }

  var settings: Settings { policy.settings }
  var mediaPath: String { media.path }

  /// Looks at everything for the first time.
  func start(at now: Instant) throws {
    try tree.rescan(into: &journal, at: now)
    lastRescan = now
    _ = try step(at: now)
  }

  /// Takes in all that has happened by now.
  /// - Throws: only where the root directory itself cannot be read.
  func step(at now: Instant) throws -> Policy.Decision {
    lastStep = now
    try tree.update(&journal, at: now)
    if rules.mayHaveChanged() { try followRules(at: now) }
    try followMedia(at: now)
    if isRescanDue(at: now) { try rescan(at: now) }
    if journal.isClean, !isUnsettled { lastFailure = nil }
    return policy.decide(situation(at: now))
  }

  /// When `step` is to be called at the latest, though nothing happens.
  func deadline(after decision: Policy.Decision, at now: Instant) -> Instant? {
    var deadline: Instant?
    if case .wait(let until, _) = decision { deadline = until }
    let rescan = settings.rescan > 0 ? lastRescan + settings.rescan : nil
    let poll = needsPolling ? lastStep + 30 : nil
    return [deadline, rescan, poll].compactMap(\.self).min().map { max($0, now) }
  }

  /// No event tells when these things are over: directories without a watch changed, a path can be read again, the
  /// media is there.
  private var needsPolling: Bool {
    tree.needsPolling || (mediaError != nil && !media.path.isEmpty)
      || tree.problems.contains { $0.severity == .blocking }
  }

  // MARK: What is followed

  private func followRules(at now: Instant) throws {
    let loaded = rules.load()
    rulesProblems = loaded.problems
    try tree.select(loaded.selection, into: &journal, at: now)
  }

  /// A snapshot that somebody else has put there is what is saved from now on.
  private func followMedia(at now: Instant) throws {
    // What is there while a commit is being made is that commit's business.
    guard !policy.isCommitting else { return }
    do {
      let signature = try media.currentSignature()
      if baseline != .read(signature) { try readBaseline(signature, at: now) }
      let obstacle = try media.obstacle()
      if mediaError != nil, obstacle == nil { policy.forgetFailures() }
      mediaError = obstacle
    } catch let error as StoreError {
      mediaError = error
    }
  }

  private func readBaseline(_ signature: FileStatus.Signature?, at now: Instant) throws {
    do throws(StoreError) {
      leftovers = try media.recover()
    } catch {
      // What is there can be read all the same; the next commit tries again.
      leftovers = [Problem(.degraded, subject: media.path, error.description, remedy: error.hint)]
    }
    var index: SnapshotIndex?
    snapshotProblem = nil
    do throws(StoreError) {
      index = try media.readCurrent()
    } catch {
      // Not readable now is no reason to take nothing for saved.
      guard error.isDamage else { throw error }
      snapshotProblem = Problem(
        .degraded, subject: media.path + "/" + media.currentName, error.description, remedy: error.hint)
    }
    snapshot = index.flatMap { index in
      signature.map {
        KnownSnapshot(
          name: media.currentName, size: $0.size, modified: $0.modified.seconds, entryCount: index.entries.count,
          record: index.record)
      }
    }
    journal.replaceBaseline(index?.entries ?? [:], at: now)
    try tree.retell(&journal, at: now)
    baseline = .read(signature)
  }

  private func isRescanDue(at now: Instant) -> Bool {
    settings.rescan > 0 && lastRescan + settings.rescan <= now
  }

  private func rescan(at now: Instant) throws {
    lastRescan = now
    try tree.rescan(into: &journal, at: now)
  }

  /// The settings could not be evaluated: those in force stay.
  func keepSettings(problems: [Problem]) { settingsProblems = problems }

  /// Other settings, and with them perhaps another media.
  func follow(settings: Settings, media: any SnapshotMedia, problems: [Problem]) {
    policy.settings = settings
    policy.forgetFailures()
    settingsProblems = problems
    if media.path != self.media.path || media.currentName != self.media.currentName { baseline = .unread }
    self.media = media
  }

  // MARK: What is decided on

  var problems: [Problem] {
    (tree.problems + rulesProblems + settingsProblems + leftovers + [snapshotProblem].compactMap(\.self))
      .sorted { $0.severity > $1.severity }
  }

  var mediaProblem: StoreError? { mediaError }

  private func situation(at now: Instant) -> Policy.Situation {
    // A snapshot that may not survive a power cut has been quiet for long enough.
    let unsettled = isUnsettled ? Instant(nanoseconds: 0) : nil
    var situation = Policy.Situation(
      now: now, oldest: journal.oldest ?? unsettled, newest: journal.newest ?? unsettled)
    situation.obstacle = problems.first { $0.severity == .blocking }?.line
    situation.mediaIsMissing = mediaError?.isAbsence ?? false
    if let mediaError, !mediaError.isAbsence { situation.obstacle = mediaError.description }
    return situation
  }

  func decide(at now: Instant) -> Policy.Decision { policy.decide(situation(at: now)) }

  // MARK: Committing

  /// Looks at everything once more, for what inotify cannot tell, and says what a commit would save.
  /// - Returns: nil where nothing differs.
  /// - Throws: `StoreError` where a commit must not be made.
  func planCommit(at now: Instant) throws -> CommitPlan? {
    try rescan(at: now)
    _ = try step(at: now)
    if let mediaError { throw mediaError }
    if let problem = problems.first(where: { $0.severity == .blocking }) {
      throw StoreError("nothing is saved, since \(problem.line)", hint: problem.remedy)
    }
    guard !journal.isClean || isUnsettled else { return nil }
    let entries = tree.entries
    let own = BytePath(media.path)
    if let inside = entries.first(where: { $0.path.isInside(own) }) {
      throw StoreError(
        "\(media.path) is part of what is saved (\(inside.path.display)): each snapshot would hold the one before",
        hint: "set LBU_BACKUPDIR to a directory that no rule reaches")
    }
    return CommitPlan(media: media, entries: entries, changes: journal.changes, generation: journal.generation)
  }

  func commitBegan() { policy.commitBegan() }

  func commitSucceeded(_ plan: CommitPlan, _ committed: CommittedSnapshot, at now: Instant) throws {
    policy.commitSucceeded(at: now)
    lastFailure = nil
    isUnsettled = false
    snapshotProblem = nil
    if let signature = committed.signature {
      baseline = .read(signature)
      snapshot = KnownSnapshot(
        name: plan.media.currentName, size: committed.size, modified: signature.modified.seconds,
        entryCount: committed.record.entryCount, record: committed.record)
    } else {
      baseline = .unread
    }
    let again = journal.committed(committed.entries, upTo: plan.generation)
    try tree.lookAgain(at: again, into: &journal, at: now)
  }

  func commitFailed(_ error: StoreError, at now: Instant) {
    policy.commitFailed(at: now)
    if error.isUnsettled { isUnsettled = true }
    lastFailure = (now, error)
  }

  var entries: [SelectedEntry] { tree.entries }
}
