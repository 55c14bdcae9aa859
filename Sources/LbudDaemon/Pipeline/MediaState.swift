import LbudCore
import LbudSystem

/// What is known of the media, and when to look at it again. It looks at nothing itself but by glances.
struct MediaState {
  private(set) var media: any SnapshotMedia
  private(set) var look: MediaLook?
  /// Why nothing can be read from it or written to it.
  private(set) var error: StoreError?
  /// Whether what it holds is to be looked at, since it may be something else than what is known.
  private(set) var wantsLook = true
  private var lastLook: Instant?
  private var lastGlance: MediaGlance?
  /// Whether a commit was made while the folder of the old snapshots could not be listed: what that has not mended, another
  /// one will not.
  private var hasTriedToMend = false

  /// How many looks one after another could not read what is to be confirmed.
  private var fruitlessLooks = 0

  /// How long after a look that failed, or one that was not all there is to it, the next one comes. What nothing mends is not
  /// mounted twice a minute for ever.
  private var pause: Seconds {
    if look?.glance.isToBePutBack ?? false { return 30 }
    return Seconds(30 << min(max(0, fruitlessLooks - 1), 5))
  }

  init(media: any SnapshotMedia) { self.media = media }

  /// Whether somebody must come back to it though nothing happens.
  var needsPolling: Bool { (error != nil && !media.path.isEmpty) || isLookPartial }

  /// Whether something is still to be put back, or what is to be confirmed could not be read.
  private var isLookPartial: Bool { isUnreadable || look?.glance.isToBePutBack ?? false }

  /// Whether what is to be confirmed could not be read: the folder of the old snapshots is torn, or a file in it.
  var isUnreadable: Bool { look.map { $0.confirmation == nil } ?? false }

  /// Whether that is the folder. A commit of what has not changed is no way out for a file in it: what that says would be
  /// lost.
  var isFolderTorn: Bool { look?.isFolderTorn ?? false }

  /// Whether it is not mounted now, so that what it holds may have become something else unseen.
  var isAsleep: Bool { look?.glance.isAsleep ?? false }

  /// Whether what else lies on it may be read. Not before an unclean one is checked: what is torn on it would be met, and
  /// for the check it must not be in use.
  var mayBeRead: Bool {
    if let error { return error.isAbsence }
    return look.map { !$0.isUnclean } ?? false
  }

  /// Bytes that it had left when it was looked at last, or saved to; nil where that is not known.
  var free: UInt64? { look?.free }

  /// Whether it was looked at, and what it holds is what was seen.
  var isKnown: Bool { look != nil && !wantsLook }

  /// Other boxes' overlays, which may boot instead.
  var foreign: [String] { look?.foreign ?? [] }

  /// Whether what was saved last lies beside another box's overlay and does not boot.
  var isAside: Bool { look?.savedName?.contains("/") ?? false }

  /// Whether a snapshot is to be made though nothing differs from what is saved: what boots is not that, or only a commit
  /// comes to the check of a file system that is torn.
  var isPublicationDue: Bool {
    foreign.isEmpty && (isAside || !(look?.own.isEmpty ?? true) || (isFolderTorn && !hasTriedToMend))
  }

  /// Sees whether it may hold something else than what is known.
  mutating func glance(at now: Instant) {
    do throws(StoreError) {
      let glance = try media.glance()
      let isDue = lastLook.map { $0 + pause <= now } ?? true
      if error != nil { wantsLook = wantsLook || glance != lastGlance || isDue }
      // Unmounted, it shows nothing, and what is known of it may well be true: it is not mounted again for that.
      if error == nil, glance.isAsleep { look?.glance = glance }
      if error == nil, look?.glance != glance { wantsLook = true }
      if glance.isToBePutBack || isLookPartial, isDue { wantsLook = true }
      lastGlance = glance
    } catch {
      self.error = error
      lastGlance = nil
      wantsLook = false
      // What comes back may be another medium.
      if error.isAbsence { isGone() }
    }
  }

  /// What is known counts no more.
  mutating func forget() {
    look = nil
    wantsLook = true
  }

  mutating func looked(_ result: Result<MediaLook, StoreError>, at now: Instant) {
    wantsLook = false
    lastLook = now
    switch result {
    case .success(let look):
      self.look = look
      error = nil
      if !isFolderTorn { hasTriedToMend = false }
      fruitlessLooks = isUnreadable ? fruitlessLooks + 1 : 0
    case .failure(let error):
      self.error = error
      fruitlessLooks = 0
    }
  }

  /// A commit could not reach it.
  mutating func failed(_ error: StoreError) {
    guard error.isAbsence else { return }
    self.error = error
    isGone()
  }

  private mutating func isGone() {
    look = nil
    fruitlessLooks = 0
  }

  mutating func committed(_ committed: CommittedSnapshot) {
    if isFolderTorn { hasTriedToMend = true }
    guard var look, let glance = committed.glance else { return forget() }
    // What was wrong may have been mended; and why a mount could not be put back is said by a look.
    guard look.problems.isEmpty, !glance.isToBePutBack else { return forget() }
    // The commit may have found what the look could not see.
    guard Set(look.foreign) == Set(committed.staying + committed.removed) else { return forget() }
    look.glance = glance
    look.free = committed.free
    look.savedName = committed.name
    look.savedSignature = committed.signature
    look.damage = nil
    look.confirmation = committed.confirmation
    if !committed.name.contains("/") { look.own = [] }
    look.foreign = committed.staying
    self.look = look
  }

  /// What the current snapshot is to be confirmed by; nil outside where that is not known.
  var confirmation: Confirmation?? {
    get { look?.confirmation }
    set { if case .some(let confirmation) = newValue { look?.confirmation = confirmation } }
  }

  // MARK: In words

  var problems: [Problem] {
    guard let look else { return [] }
    var problems = look.problems
    if let damage = look.damage {
      problems.append(
        Problem(.degraded, subject: media.path + "/" + media.currentName, damage.description, remedy: damage.hint))
    }
    if !look.foreign.isEmpty {
      problems.append(Self.foreignProblem(look, media))
    } else if !look.own.isEmpty {
      problems.append(
        Problem(
          .warning, subject: media.path,
          "\(look.own.joined(separator: ", ")) is this box's own under another name, and may boot instead of "
            + media.currentName, remedy: "the next commit gives it a dated name"))
    }
    return problems
  }

  private static func foreignProblem(_ look: MediaLook, _ media: any SnapshotMedia) -> Problem {
    let names = look.foreign.joined(separator: ", ")
    let boots = look.glance.current == nil ? "boots" : "may boot"
    let saved = look.savedName.flatMap { $0.contains("/") ? $0 : nil }
    return Problem(
      .degraded, subject: media.path,
      "another box's overlay \(boots) instead of this one's: \(names)"
        + (saved.map { "; what was changed here is saved beside it as \($0)" } ?? ""),
      remedy: "to boot what this box saves: lbuctl commit -d, which removes it; or move it away")
  }
}
