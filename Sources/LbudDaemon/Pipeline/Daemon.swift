import Glibc
import LbudArchive
import LbudCore
import LbudSystem
import Logging

/// The owner of the pipeline. It does what the pipeline decides, and answers whoever asks.
package actor Daemon {
  package nonisolated let root: RootDirectory
  private let thread: DaemonThread
  let pipeline: Pipeline<OverlayTree, ControlFiles>
  private let tree: OverlayTree
  private let mounts = MountWatch()
  private var configuration: ConfigurationReader
  private var loaded: ConfigurationReader.Loaded
  let logger: Logger
  private(set) var host: String
  /// Whether a commit is being made; whoever comes meanwhile waits for it.
  private var isCommitting = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var isStopping = false
  private var reloading: Task<Void, Never>?
  private var looking: Task<Void, Never>?
  /// When the settings are tried again that could not be evaluated.
  private var settingsRetry: Instant?
  private var isCommitQueued = false
  private var saidProblems: Set<Problem> = []
  private var saidMediaError: StoreError?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// - Throws: `FileError` where the root or the watch cannot be opened.
  package init(root: RootDirectory, logger: Logger) async throws {
    self.root = root
    self.logger = logger
    thread = try DaemonThread()
    host = HostName.read(root: root)
    var configuration = ConfigurationReader(root: root)
    let loaded = await configuration.load()
    self.configuration = loaded.isEvaluated ? configuration : ConfigurationReader(root: root)
    self.loaded = loaded
    var rules = ControlFiles(root: root)
    let rulesLoaded = rules.load()
    tree = try OverlayTree(root: root, selection: rulesLoaded.selection)
    let (media, problems) = Self.media(root: root, loaded: loaded, host: host)
    pipeline = Pipeline(
      tree: tree, rules: rules, loaded: rulesLoaded, media: media, settings: loaded.settings)
    pipeline.follow(settings: loaded.settings, media: media, problems: problems)
  }

  /// Looks at everything, then follows what happens.
  package func start() async throws {
    try pipeline.start(at: SystemClock.now())
    var sources = [(descriptor: tree.rawDescriptor, events: Int16(POLLIN))]
    // Media that comes or goes is no change of a file.
    if mounts.rawDescriptor >= 0 { sources.append((mounts.rawDescriptor, Int16(POLLPRI))) }
    thread.listen(to: sources) { [weak self] in self?.assumeIsolated { $0.woke() } }
    try await settle()
  }

  private static func media(
    root: RootDirectory, loaded: ConfigurationReader.Loaded, host: String
  ) -> (any SnapshotMedia, [Problem]) {
    do throws(StoreError) {
      return (try SnapshotStore(root: root, settings: loaded.settings, host: host), loaded.problems)
    } catch {
      return (NoMedia(error: error, host: host), loaded.problems)
    }
  }

  // MARK: The loop

  private func woke() { advance() }

  /// One turn, where nobody waits for it.
  private func advance() {
    guard !isStopping else { return }
    do { try turn() } catch {
      logger.critical("the root directory cannot be watched any more: \(error)")
      // Not at once again: it would be the same for ever.
      thread.setDeadline(SystemClock.now() + 5)
    }
  }

  /// Takes in what has happened, begins what is due, says when to be woken.
  private func turn() throws {
    let now = SystemClock.now()
    followHostName()
    let decision = try pipeline.step(at: now)
    sayProblems()
    let deadlines = [pipeline.deadline(after: decision, at: now), settingsRetry].compactMap(\.self)
    thread.setDeadline(deadlines.min())
    if configuration.mayHaveChanged(), settingsRetry.map({ $0 <= now }) ?? true { Task { await reload() } }
    if pipeline.wantsLook, looking == nil {
      Task { await look() }
    } else if case .commit(let reason) = decision {
      commitByItself(reason)
    }
  }

  /// The snapshot is called by the host's name: with another one it is another file.
  private func followHostName() {
    let name = HostName.read(root: root)
    guard name != host else { return }
    logger.notice("the host name is \(name) now, it was \(host)")
    host = name
    let (media, problems) = Self.media(root: root, loaded: loaded, host: host)
    pipeline.follow(settings: pipeline.settings, media: media, problems: problems)
  }

  /// Looks at the media, once however many ask; on a thread of its own, since a dying medium hangs.
  private func look() async {
    if let looking { return await looking.value }
    guard pipeline.wantsLook, !isCommitting else { return }
    let task = Task { await lookAtMedia() }
    looking = task
    await task.value
    advance()
  }

  private func lookAtMedia() async {
    // By the task itself: whoever waits for it may go on before whoever began it.
    defer { looking = nil }
    let (media, known, logger) = (pipeline.media, pipeline.known, self.logger)
    pipeline.lookBegan()
    logger.debug("looking at \(media.path)")
    let result: Result<MediaLook, StoreError>
    do {
      result = .success(
        try await OwnThread.run(named: "lbud-media") { try media.look(known: known) { logger.debug("\($0)") } })
    } catch {
      result = .failure(error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud"))
    }
    do { try pipeline.take(result, of: media, at: SystemClock.now()) } catch {
      logger.error("the root directory cannot be looked at: \(error)")
    }
  }

  /// Loads the settings, once however many ask. In a task of its own: a client that leaves must not stop it half-way.
  private func reload() async {
    if let reloading { return await reloading.value }
    guard configuration.mayHaveChanged() else { return }
    let task = Task { await loadSettings() }
    reloading = task
    await task.value
    reloading = nil
    advance()
  }

  private func loadSettings() async {
    var reader = configuration
    let loaded = await reader.load()
    guard loaded.isEvaluated else {
      settingsRetry = SystemClock.now() + 10
      return pipeline.keepSettings(problems: loaded.problems)
    }
    settingsRetry = nil
    configuration = reader
    self.loaded = loaded
    let (media, problems) = Self.media(root: root, loaded: loaded, host: host)
    pipeline.follow(settings: loaded.settings, media: media, problems: problems)
    logger.info("settings loaded again")
    // Written in this very tick of the clock, it is read again: not before the tick is over.
    if configuration.mayHaveChanged() { try? await Task.sleep(for: .milliseconds(5)) }
  }

  private func sayProblems() {
    let problems = pipeline.problems
    for problem in problems where !saidProblems.contains(problem) {
      logger.log(level: problem.severity == .warning ? .warning : .error, "\(problem.line); \(problem.remedy)")
    }
    saidProblems = Set(problems)
    if let error = pipeline.mediaProblem, error != saidMediaError { logger.warning("\(error); \(error.hint)") }
    if pipeline.mediaProblem == nil, saidMediaError != nil { logger.notice("\(pipeline.mediaPath) is there again") }
    saidMediaError = pipeline.mediaProblem
  }

  /// All that happened before the call is in the journal afterwards.
  private func settle() async throws {
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    try turn()
    // What a look finds may be looked at again, if it is changing all the time not for ever.
    for _ in 0..<3 where pipeline.wantsLook || looking != nil {
      await look()
      try turn()
    }
  }

  package typealias CommitError = StoreError

  // MARK: Committing

  /// Who asks for a commit, and why.
  package struct Request: Sendable {
    package var reason: CommitReason
    package var uid: UInt32
    package var message: String?
    /// Whether other boxes' overlays are removed from the media.
    package var removesOthers: Bool

    package init(reason: CommitReason, uid: UInt32, message: String? = nil, removesOthers: Bool = false) {
      self.reason = reason
      self.uid = uid
      self.message = message
      self.removesOthers = removesOthers
    }

    var foreign: ForeignOverlays {
      if removesOthers { return .remove }
      return reason == .request ? .refuse : .saveAside
    }
  }

  /// What came of a commit.
  package struct Outcome: Sendable {
    package var changes: [BytePath: Change]
    package var media = ""
    /// Nil where nothing differed, and for a dry run.
    package var committed: CommittedSnapshot?
  }

  private func commitByItself(_ reason: CommitReason) {
    guard !isCommitQueued else { return }
    isCommitQueued = true
    Task {
      await runningCommit()
      isCommitQueued = false
      // Somebody's request may have made it meanwhile.
      guard !isStopping, case .commit(let reason) = pipeline.decide(at: SystemClock.now()) else { return }
      do { _ = try await commit(Request(reason: reason, uid: geteuid())) } catch {
        // It has been logged, and the policy tries again.
      }
    }
  }

  /// Saves what differs.
  /// - Throws: `StoreError`.
  package func commit(_ request: Request, dryRun: Bool = false) async throws(StoreError) -> Outcome {
    do {
      repeat {
        await runningCommit()
        // Somebody waits for the answer, or nobody will be there to ask again.
        if request.reason == .request || request.reason == .shutdown { pipeline.distrustMedia() }
        try await settle()
        // Another request may have begun one meanwhile.
      } while isCommitting || looking != nil
      // No suspension from here until the commit has begun.
      guard let plan = try pipeline.planCommit(foreign: request.foreign, at: SystemClock.now()) else {
        return Outcome(changes: [:], media: pipeline.mediaPath)
      }
      if dryRun { return Outcome(changes: plan.changes, media: plan.media.path) }
      return Outcome(changes: plan.changes, media: plan.media.path, committed: try await make(plan, request))
    } catch {
      let error = error as? StoreError ?? StoreError("\(error)", hint: "see the log of lbud")
      if !dryRun { failed(error) }
      throw error
    }
  }

  private func runningCommit() async {
    while isCommitting { await withCheckedContinuation { waiters.append($0) } }
  }

  private func make(_ plan: CommitPlan, _ request: Request) async throws -> CommittedSnapshot {
    pipeline.commitBegan()
    isCommitting = true
    defer {
      isCommitting = false
      for waiter in waiters { waiter.resume() }
      waiters = []
      advance()
    }
    let facts = SnapshotFacts(
      host: host, time: SystemClock.wallNanoseconds() / 1_000_000_000, reason: request.reason.rawValue,
      uid: request.uid, user: nil, message: request.message, changedCount: plan.changes.count)
    let logger = self.logger
    let order = CommitOrder(entries: plan.entries, facts: facts, foreign: plan.foreign, bound: plan.bound)
    let committed = try await OwnThread.run(named: "lbud-commit") {
      try plan.media.commit(order) { logger.debug("\($0)") }
    }
    try pipeline.commitSucceeded(plan, committed, at: SystemClock.now())
    sayCommitted(committed, plan, request)
    return committed
  }

  private func sayCommitted(_ committed: CommittedSnapshot, _ plan: CommitPlan, _ request: Request) {
    let what = plan.changes.count == 1 ? "1 change" : "\(plan.changes.count) changes"
    logger.notice("saved \(what) to \(plan.media.path)/\(committed.name) (\(request.reason))")
    for name in committed.retired { logger.notice("an overlay of this box under another name is now LBUD/\(name)") }
    for name in committed.removed { logger.notice("removed another box's overlay: \(name)") }
    for note in committed.notes { logger.warning("\(note)") }
  }

  private func failed(_ error: StoreError) {
    pipeline.commitFailed(error, at: SystemClock.now())
    logger.error("no snapshot was made: \(error); \(error.hint)")
    advance()
  }

  /// Saves what is unsaved, if the settings say so, and ends.
  package func shutDown() async {
    // Whether it is to be saved may have been changed just now.
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    if pipeline.settings.onShutdown {
      // What other services write while they stop is saved too, though it comes while a commit is being made.
      for _ in 0..<3 {
        do {
          guard try await commit(Request(reason: .shutdown, uid: geteuid())).committed != nil else { break }
        } catch {
          // It has been logged; there is nobody left to try again.
          break
        }
      }
    } else {
      await runningCommit()
    }
    isStopping = true
  }

  /// Ends the thread, once nobody asks any more: a question that came later would never be answered.
  package nonisolated func end() { thread.stop() }

  // MARK: Asking

  /// What there is to tell, all writes that returned before the call included.
  package func report() async throws -> DaemonReport {
    try await settle()
    let now = SystemClock.now()
    return DaemonReport(
      host: host, root: root.path, mediaPath: pipeline.mediaPath, mediaProblem: pipeline.mediaProblem,
      snapshot: pipeline.snapshot, changes: pipeline.journal.changes, decision: pipeline.decide(at: now),
      settings: pipeline.settings, problems: pipeline.problems, lastFailure: pipeline.lastFailure?.error,
      lastFailureTime: pipeline.lastFailure?.time, now: now, wall: SystemClock.wallNanoseconds())
  }

  /// What a snapshot made now would hold.
  package func list() async throws -> [SelectedEntry] {
    try await settle()
    return pipeline.entries
  }
}
