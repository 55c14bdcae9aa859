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
  var configuration: ConfigurationReader
  private(set) var loaded: ConfigurationReader.Loaded
  let logger: Logger
  /// Whether it does what one command asks for, and nothing by itself.
  nonisolated let isOnce: Bool
  private(set) var host: String
  /// Whether a commit is being made; whoever comes meanwhile waits for it.
  var isCommitting = false
  var waiters: [CheckedContinuation<Void, Never>] = []
  var isStopping = false
  var reloading: Task<Void, Never>?
  var looking: Task<Void, Never>?
  /// The look at the media that has begun before the daemon was there.
  private var firstReading: Reading?
  /// When the settings are tried again that could not be evaluated.
  var settingsRetry: Instant?
  var isCommitQueued = false
  let apkLock: ApkLock
  /// What somebody has asked for and nobody waits for.
  var wish: Request? { didSet { pipeline.asked = wish?.reason } }
  let runFolder: RunFolder
  /// What reading snapshots has found, and what ends the reading that is under way.
  var verifications = Verifications()
  var interruption: Interruption?
  /// Counts the wishes, so that a commit clears only one that it has seen.
  var wishNumber = 0
  /// What the next boot installs.
  var packages: PackageWatch
  var readingPackages: Task<Void, Never>?
  /// What was begun for a diagnosis, and may hang.
  var examining: Attempt<Examined>?
  var probes: [[UInt8]: Attempt<DeviceFinding>] = [:]
  private var saidProblems: Set<Problem> = []
  private var saidMediaError: StoreError?
  /// Who is told how things stand, and what they were told last.
  var followers: [@Sendable (Standing) -> Void] = []
  var toldStanding: Standing?
  nonisolated let monitors = Monitors()
  var tellReloading: @Sendable (Bool) -> Void = { _ in }
  var groups: GroupFile
  /// Whose members may ask, as was last told.
  var members: Members?
  var tellMembers: @Sendable (UInt32?) -> Void = { _ in }
  /// What is to be confirmed, and going back where nobody did.
  var pendingConfirmation: PendingConfirmation?
  var goingBack: Task<Void, Never>?
  /// Why there is nothing to confirm any more, and why the machine still runs.
  var wentBack: StoreError?
  var goingBackFailure: StoreError?
  var rebootFailure: String?
  /// When the machine is to be rebooted, for the first time or again.
  var rebootDue: Instant?
  var publication = Publication()
  /// Where something is still to be confirmed, and no snapshots go any more.
  var abandonedMedia: String?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// - Throws: `FileError` where the root or the watch cannot be opened.
  package init(root: RootDirectory, logger: Logger, isOnce: Bool = false) async throws {
    self.root = root
    self.logger = logger
    self.isOnce = isOnce
    thread = try DaemonThread()
    runFolder = RunFolder(root: root)
    packages = PackageWatch(root: root)
    groups = GroupFile(root: root)
    let apkLock = ApkLock(root: root)
    self.apkLock = apkLock
    let host = HostName.read(root: root)
    self.host = host
    var rules = ControlFiles(root: root)
    let rulesLoaded = rules.load()
    // Before the medium is touched: without a watch lbud ends here.
    tree = try OverlayTree(root: root, selection: rulesLoaded.selection)
    let beginning = Task.detached { await Beginning(root: root, host: host, reads: !isOnce, logger) }
    try tree.list(at: SystemClock.now())
    let begun = await beginning.value
    (configuration, loaded) = (begun.configuration, begun.loaded)
    firstReading = begun.reading
    pipeline = Pipeline(
      tree: tree, rules: rules, loaded: rulesLoaded, media: begun.media, settings: loaded.settings,
      transaction: { apkLock.holder() })
    (pipeline.hold, pipeline.holdProblem) = Self.keptHold(runFolder)
    pipeline.follow(settings: loaded.settings, media: begun.media, problems: begun.problems)
  }

  /// Looks at everything, then follows what happens.
  package func start() async throws {
    forgetFarewell()
    followCutOffRestore()
    if let hold = pipeline.hold { logger.notice("nothing is committed by itself, at shutdown neither: \(hold.words)") }
    if firstReading != nil { pipeline.lookBegan() }
    try pipeline.start(at: SystemClock.now())
    if let firstReading { follow(firstReading) }
    firstReading = nil
    var sources = [(descriptor: tree.rawDescriptor, events: Int16(POLLIN))]
    // Media that comes or goes is no change of a file.
    if mounts.rawDescriptor >= 0 { sources.append((mounts.rawDescriptor, Int16(POLLPRI))) }
    thread.listen(to: sources) { [weak self] in self?.assumeIsolated { $0.woke() } }
    findOwedReboot()
    try await settle(patience: 2)
    Task { await followPackages(patience: 0) }
  }

  /// Looks at everything for one command.
  package func startOnce() async throws {
    try pipeline.start(at: SystemClock.now())
  }

  /// What is wrong with the settings as they stand, the media they name included.
  package static func settingsProblems(root: RootDirectory) async -> [Problem] {
    var reader = ConfigurationReader(root: root)
    let loaded = await reader.load()
    var groups = GroupFile(root: root)
    let name = loaded.settings.group
    let problems =
      loaded.problems
      + [problem(name, groups.group(named: name)), Uploader.problem(root: root, settings: loaded.settings)].compactMap(
        \.self)
    do throws(StoreError) {
      let store = try SnapshotStore(root: root, settings: loaded.settings, host: HostName.read(root: root))
      return problems + [store.passwordProblem].compactMap(\.self)
    } catch {
      return problems + [
        Problem(.blocking, subject: "/" + Settings.path.display, error.description, remedy: error.hint)
      ]
    }
  }

  static func media(
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
  func advance() {
    guard !isStopping else { return }
    do { try turn() } catch {
      logger.critical("the root directory cannot be watched any more: \(error)")
      // Not at once again: it would be the same for ever.
      thread.setDeadline(SystemClock.now() + 5)
    }
  }

  /// Takes in what has happened, begins what is due, says when to be woken.
  func turn() throws {
    let now = SystemClock.now()
    if isOnce { return _ = try pipeline.step(at: now) }
    followHold(at: now)
    var decision = try pipeline.step(at: now)
    // After the events were taken in: what changes behind them comes with an event of its own.
    followMembers()
    if followHostName() { decision = try pipeline.step(at: now) }
    followConfirmation(at: now)
    sayProblems()
    followWish()
    tellFollowers(decision)
    wakeMonitors()
    // Who is in a transaction when nothing differs tells nobody that it has ended.
    let wishes = wish == nil ? nil : now + 1
    let deadlines = [
      pipeline.deadline(after: decision, at: now), settingsRetry, wishes, confirmationDeadline, followUpload(at: now),
    ].compactMap(\.self)
    thread.setDeadline(deadlines.min())
    if configuration.mayHaveChanged(), settingsRetry.map({ $0 <= now }) ?? true { Task { await reload() } }
    if pipeline.wantsLook, looking == nil {
      Task { await look() }
    } else if case .commit(let reason) = decision {
      commitByItself(reason)
    }
  }

  /// The snapshot is called by the host's name: with another one it is another file.
  /// - Returns: whether it is another one.
  private func followHostName() -> Bool {
    let name = HostName.read(root: root)
    guard name != host else { return false }
    logger.notice("the host name is \(name) now, it was \(host)")
    host = name
    let (media, problems) = Self.media(root: root, loaded: loaded, host: host)
    pipeline.follow(settings: pipeline.settings, media: media, problems: problems)
    return true
  }

  /// Loads the settings, once however many ask. In a task of its own: a client that leaves must not stop it half-way.
  func reload() async {
    while let reloading {
      await reloading.value
      // It has just been tried, and is again before long.
      if settingsRetry != nil { return }
    }
    // The load that was waited for may have read the file before it became what it is.
    guard configuration.mayHaveChanged(), !isStopping else { return }
    let task = Task { await loadSettings() }
    reloading = task
    await task.value
    advance()
  }

  private func loadSettings() async {
    // By the task itself: whoever waits for it may go on before whoever began it.
    defer { reloading = nil }
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
    monitors.tell(.reloaded)
    // Written in this very tick of the clock, it is read again: not before the tick is over.
    if configuration.mayHaveChanged() { try? await Task.sleep(for: .milliseconds(5)) }
  }

  private func sayProblems() {
    let problems = pipeline.problems
    for problem in problems where !saidProblems.contains(problem) {
      logger.tell(problem)
    }
    saidProblems = Set(problems)
    if let error = pipeline.mediaProblem, error != saidMediaError { logger.warning("\(error); \(error.hint)") }
    if pipeline.mediaProblem == nil, saidMediaError != nil { logger.notice("\(pipeline.mediaPath) is there again") }
    saidMediaError = pipeline.mediaProblem
  }

  /// All that happened before the call is in the journal afterwards.
  /// - Parameter patience: how many seconds a look at the media is waited for; for ever, where it is nil. Who only asks gets
  ///   an answer though the medium hangs.
  func settle(patience: Int? = nil) async throws {
    if configuration.mayHaveChanged(), settingsRetry == nil { await reload() }
    try turn()
    // What a look finds may be looked at again, if it is changing all the time not for ever.
    for _ in 0..<3 where pipeline.wantsLook || looking != nil {
      if let patience { guard await look(atMost: patience) else { return } } else { await look() }
      try turn()
    }
  }

  /// Ends the thread, once nobody asks any more: a question that came later would never be answered.
  package nonisolated func end() { thread.stop() }

  // MARK: Asking

  /// What there is to tell, all writes that returned before the call included.
  package func report() async throws -> DaemonReport {
    await followPackages(patience: 2)
    try await settle(patience: 2)
    return presentReport()
  }

  /// What there is to tell, without another look.
  func presentReport() -> DaemonReport {
    let now = SystemClock.now()
    return DaemonReport(
      host: host, root: root.path, mediaPath: pipeline.mediaPath, mediaProblem: pipeline.mediaProblem ?? silence,
      mediaFree: pipeline.mediaState.free, snapshot: pipeline.snapshot, changes: pipeline.journal.changes,
      decision: pipeline.decide(at: now),
      settings: pipeline.settings,
      problems: pipeline.problems + membersProblems + packageProblems + confirmationProblems + uploadProblems,
      lastFailure: pipeline.lastFailure?.error,
      lastFailureTime: pipeline.lastFailure?.time, failures: pipeline.policy.failures, hold: pipeline.hold,
      confirmation: pendingConfirmation?.current,
      upload: uploadStanding, now: now, wall: SystemClock.wallNanoseconds())
  }

  /// What a snapshot made now would hold.
  package func list() async throws -> [SelectedEntry] {
    try await settle(patience: 2)
    return pipeline.entries
  }
}
