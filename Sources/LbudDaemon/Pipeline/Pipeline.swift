import LbudArchive
import LbudCore
import LbudSystem

/// The whole flow: events -> journal -> policy -> selection -> archive -> publish -> journal.
///
/// It belongs to one owner and starts nothing by itself: `step` takes in what has happened and says what to do, the
/// owner does it. A commit is prepared here, made elsewhere (it takes time), and its result brought back.
final class Pipeline<Tree: Overlay, Rules: RulesSource> {
  var journal = Journal()
  var policy: Policy
  var snapshot: KnownSnapshot?
  var lastFailure: (time: Instant, error: StoreError)?
  let tree: Tree
  private var rules: Rules
  var mediaState: MediaState
  private var isLooking = false
  var lastRescan: Instant
  private var lastStep = Instant(nanoseconds: 0)
  /// Whether the current snapshot is one that may not survive a power cut.
  var isUnsettled = false
  /// What a reading of the medium has found wrong with the current snapshot, and which file that was; nil once there is
  /// another one.
  var foundDamage: (why: String, file: FileStatus.Signature)?
  /// Whether spans may be copied from the current snapshot.
  var mayCopy = true
  private var rulesProblems: [Problem]
  private var settingsProblems: [Problem] = []
  /// Who is in a transaction of apk now.
  private let transaction: () -> LockTable.Holder?
  /// A commit that somebody asked for and that is not made yet.
  var asked: CommitReason?
  var hold: Hold?
  /// What is to be confirmed, as the media has it; nil outside where that is not known.
  var confirmation: Confirmation?? {
    get { mediaState.confirmation }
    set { mediaState.confirmation = newValue }
  }
  /// What is wrong with a hold that was kept.
  var holdProblem: Problem?
  /// A restore that has left a mixture.
  var cutOffProblem: Problem?

  init(
    tree: Tree, rules: Rules, loaded: ControlFiles.Loaded, media: any SnapshotMedia, settings: Settings,
    transaction: @escaping () -> LockTable.Holder? = { nil }
  ) {
    self.tree = tree
    self.rules = rules
    self.transaction = transaction
    mediaState = MediaState(media: media)
    policy = Policy(settings: settings)
    rulesProblems = loaded.problems
    lastRescan = Instant(nanoseconds: 0)
  }

  var settings: Settings { policy.settings }
  var media: any SnapshotMedia { mediaState.media }
  var mediaPath: String { media.path }

  /// Looks at everything for the first time, as far as the tree has not.
  func start(at now: Instant) throws {
    // Each file will be compared with the snapshot, if there is one; else nothing need be read.
    journal.expectsBaseline = (try? media.glance()).map { $0.current != nil || $0.isAsleep } ?? false
    try tree.retell(&journal, at: now)
    lastRescan = now
    _ = try step(at: now)
  }

  /// Takes in all that has happened by now.
  /// - Throws: only where the root directory itself cannot be read.
  func step(at now: Instant) throws -> Policy.Decision {
    lastStep = now
    try tree.update(&journal, at: now)
    if rules.mayHaveChanged() { try followRules(at: now) }
    // What is there while a commit or a look is being made, is its business: it may be mounted for that alone.
    if !policy.isCommitting, !isLooking { mediaState.glance(at: now) }
    if isRescanDue(at: now) { try rescan(at: now) }
    if journal.isClean, !isPublicationDue { lastFailure = nil }
    return policy.decide(situation(at: now))
  }

  /// When `step` is to be called at the latest, though nothing happens.
  func deadline(after decision: Policy.Decision, at now: Instant) -> Instant? {
    var deadline: Instant?
    if case .wait(let until, _) = decision { deadline = until }
    let rescan = settings.rescan > 0 ? lastRescan + settings.rescan : nil
    let poll = needsPolling ? lastStep + 30 : nil
    return [deadline, rescan, poll, hold?.until].compactMap(\.self).min().map { max($0, now) }
  }

  /// No event tells when these things are over: directories without a watch changed, a path can be read again, the
  /// media is there.
  private var needsPolling: Bool {
    tree.needsPolling || mediaState.needsPolling
      || tree.problems.contains { $0.severity == .blocking }
  }

  // MARK: What is asked for

  /// Takes a wish for a commit in, which no pause after failures holds up.
  func ask(for reason: CommitReason, at now: Instant) throws {
    asked = reason
    policy.forgetFailures()
    distrustMedia()
    try lookForUnseen(at: now)
  }

  /// Ends a hold whose time is over.
  /// - Returns: that hold.
  func takeEndedHold(at now: Instant) -> Hold? {
    guard let hold, hold.isOver(at: now) else { return nil }
    self.hold = nil
    return hold
  }

  // MARK: What is followed

  private func followRules(at now: Instant) throws {
    let loaded = rules.load()
    rulesProblems = loaded.problems
    try tree.select(loaded.selection, into: &journal, at: now)
  }

  /// Whether more may be read from the media than snapshots.
  var mediaMayBeRead: Bool { mediaState.mayBeRead && !wantsLook }

  /// Whether the media is to be looked at: `take` is to be called with what was seen.
  var wantsLook: Bool { mediaState.wantsLook && !policy.isCommitting }

  func lookBegan() { isLooking = true }

  /// A look of which nothing is taken in.
  func lookEnded() { isLooking = false }

  /// What is taken for the snapshot is none.
  func forgetSnapshot() {
    snapshot = nil
    mediaState.forget()
  }

  /// What the media holds is something else now.
  func forgetMedia() { mediaState.forget() }

  /// The medium does not hold the current snapshot as it was written: it is made anew though nothing differs.
  /// - Parameter file: as it was read.
  func currentIsDamaged(_ why: String, file: FileStatus.Signature) {
    foundDamage = (why, file)
    mediaState.forget()
  }

  /// What the journal's baseline was read from, if it can be told from another one.
  var known: SnapshotStore.Known? {
    guard let snapshot, foundDamage == nil else { return nil }
    let signature = mediaState.look.flatMap {
      $0.savedName == snapshot.name && $0.isSavedSettled ? $0.savedSignature : nil
    }
    guard snapshot.record != nil || snapshot.seal != nil || signature != nil else { return nil }
    return .init(
      name: snapshot.name, size: snapshot.size, record: snapshot.record, seal: snapshot.seal, signature: signature)
  }

  /// What is mounted only for commits is looked at again before it is said that nothing is to be saved; and what was
  /// wrong, before it is said that it still is.
  func distrustMedia() { if mediaState.isAsleep || mediaState.error != nil { mediaState.forget() } }

  /// Takes in a look at the media. A snapshot that somebody else has put there is what is saved from now on.
  /// - Parameter media: what was looked at; another one counts by now, if the settings have changed meanwhile.
  func take(_ result: Result<MediaLook, StoreError>, of media: any SnapshotMedia, at now: Instant) throws {
    isLooking = false
    guard media.path == self.media.path, media.currentName == self.media.currentName else { return }
    let failedBefore = mediaState.error != nil
    mediaState.looked(result, at: now)
    guard case .success(let look) = result else { return try stopExpecting(at: now) }
    if failedBefore { policy.forgetFailures() }
    // vfat gives it another inode with each mount.
    if let file = foundDamage?.file,
      look.savedSignature?.size != file.size || look.savedSignature?.modified != file.modified
    {
      foundDamage = nil
    }
    guard case .read(let index) = look.saved else { return try stopExpecting(at: now) }
    snapshot = index.flatMap { index in
      guard let name = look.savedName, let signature = look.savedSignature else { return nil }
      return KnownSnapshot(
        name: name, size: signature.size, modified: signature.modified.seconds, entryCount: index.entries.count,
        record: index.record, seal: look.savedSeal)
    }
    mayCopy = true
    try tree.retell(&journal, against: index?.entries ?? .empty, at: now)
  }

  /// What is saved cannot be told, at least not now: everything counts as unsaved.
  func stopExpecting(at now: Instant) throws {
    guard journal.expectsBaseline else { return }
    journal.expectsBaseline = false
    try tree.retell(&journal, at: now)
  }

  private func isRescanDue(at now: Instant) -> Bool {
    settings.rescan > 0 && lastRescan + settings.rescan <= now
  }

  func lookAtEverything(at now: Instant) throws { try rescan(at: now) }

  /// What no event has told. A look at everything follows within a minute where it was spared: a hard link that somebody has
  /// made elsewhere meanwhile is seen by that alone.
  func lookForUnseen(at now: Instant) throws {
    if try tree.lookForUnseen(into: &journal, at: now) {
      lastRescan = now
    } else if settings.rescan > Self.rescanAfterCommit {
      let due = now + Seconds(Self.rescanAfterCommit.count - settings.rescan.count)
      lastRescan = Swift.min(lastRescan, due)
    }
  }

  private static var rescanAfterCommit: Seconds { 60 }

  func rescan(at now: Instant) throws {
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
    let isOther = media.path != self.media.path
    if isOther { (snapshot, foundDamage) = (nil, nil) }
    mediaState = MediaState(media: media)
  }

  // MARK: What is decided on

  var problems: [Problem] {
    (tree.problems + rulesProblems + settingsProblems + mediaState.problems
      + [holdProblem, cutOffProblem, damageProblem].compactMap(\.self))
      .sorted { $0.severity > $1.severity }
  }

  /// Said by the look at the media too, if that finds it.
  private var damageProblem: Problem? {
    guard let foundDamage, snapshotDamage == nil, !media.path.isEmpty else { return nil }
    return Problem(
      .degraded, subject: media.path + "/" + media.currentName, "it is damaged on the medium: \(foundDamage.why)",
      remedy: "the next commit replaces it; the medium may be dying: lbuctl verify --all, and have another one ready")
  }

  /// Those that are about what is saved, not about where.
  var selectionProblems: [Problem] { tree.problems + rulesProblems }

  var mediaProblem: StoreError? { mediaState.error }

  /// Why nothing can be told of the current snapshot, though it is there.
  var snapshotDamage: StoreError? { mediaState.look?.damage }

  /// Whether a snapshot is to be made though nothing differs from the one on the media.
  var isPublicationDue: Bool { isUnsettled || foundDamage != nil || mediaState.isPublicationDue }

  func situation(at now: Instant) -> Policy.Situation {
    // A snapshot that may not survive a power cut, or not boot, has been quiet for long enough.
    let due = isPublicationDue ? Instant(nanoseconds: 0) : nil
    var situation = Policy.Situation(now: now, oldest: journal.oldest ?? due, newest: journal.newest ?? due)
    situation.obstacle = obstacle(to: asked)?.line
    // Not looked at yet, it is as good as not there.
    situation.mediaIsMissing = mediaProblem?.isAbsence ?? (mediaState.look == nil)
    if let mediaProblem, !mediaProblem.isAbsence { situation.obstacle = mediaProblem.description }
    situation.asked = asked
    situation.hold = hold
    if situation.oldest != nil { situation.transaction = transaction() }
    return situation
  }

  /// What forbids a commit. Some things a person may overrule, by asking for it.
  func obstacle(to reason: CommitReason?) -> Problem? {
    problems.first { $0.severity == .blocking && !($0.yieldsToRequest && reason == .request) }
  }

  /// Whether something waits that a shutdown is to save.
  var savesAtShutdown: Bool { settings.onShutdown && hold == nil && isUnsaved }

  var isUnsaved: Bool { !journal.isClean || isPublicationDue }

  func decide(at now: Instant) -> Policy.Decision { policy.decide(situation(at: now)) }

  var entries: [SelectedEntry] { tree.entries }

  /// Bytes that a snapshot made now takes at most.
  var archiveBound: UInt64 { tree.archiveBound }

  /// The rules that say what a snapshot holds.
  var selection: Selection { tree.selection }
}
