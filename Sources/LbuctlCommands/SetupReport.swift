import LbudCore
import LbudProtocol

/// What a setup has done, in words and in JSON.
struct SetupReport {
  var plan = SetupPlan()
  private var done: [String] = []
  private var reloaded = false

  init(_ plan: SetupPlan = SetupPlan()) {
    self.plan = plan
  }

  /// A step that is done: said at once, so that what was done before an error is known.
  mutating func say(_ step: SetupStep, _ connection: Connection) {
    done.append(step.words(done: true))
    if !connection.json { Voice.say(step.words(done: true)) }
  }

  /// Has a daemon that listens look at everything anew; without one there is nothing to do.
  mutating func reload(_ connection: Connection) {
    guard !done.isEmpty else { return }
    do throws(Failure) {
      let _: ReloadReply = try connection.call("io.lbud.Reload", NoParameters())
      reloaded = true
    } catch {
      if error.code != .noDaemon { plan.notes.append("lbud was not told: \(error.message); lbuctl reload tells it") }
    }
  }

  /// The rest of it.
  /// - Throws: `Failure`.
  func say(_ connection: Connection, _ options: SetupOptions) throws(Failure) {
    let future = options.dryRun ? plan.steps.map { $0.words(done: false) } : []
    if connection.json {
      return try connection.printJSON(
        SetupReply(
          dryRun: options.dryRun, changed: !done.isEmpty, steps: options.dryRun ? future : done,
          standing: plan.standing,
          notes: plan.notes, next: plan.steps.isEmpty ? [] : plan.next, reloaded: reloaded))
    }
    for line in future + plan.standing { Voice.say(line) }
    for note in plan.notes { Voice.say("note: \(note)") }
    if reloaded { Voice.say("lbud has read its settings again") }
    guard !plan.steps.isEmpty else { return Voice.say("nothing to do") }
    if !options.dryRun, !plan.next.isEmpty { Voice.say("next: \(plan.next.joined(separator: "; "))") }
  }
}

struct SetupReply: Codable {
  var dryRun: Bool
  var changed: Bool
  var steps: [String]
  var standing: [String]
  var notes: [String]
  var next: [String]
  var reloaded: Bool
}

struct MediaCandidatesReply: Codable {
  var media: String?
  var candidates: [MediaCandidateReport]
  var suggestion: WirePath?
}

struct MediaCandidateReport: Codable {
  var argument: WirePath?
  var device: WirePath
  var size: Int?
  var filesystem: String?
  var label: WirePath?
  var uuid: WirePath?
  var mounted: WirePath?
  var fstab: WirePath?
  var usable: Bool
  var why: String?

  init(_ candidate: MediaCandidate) {
    argument = candidate.argument.map { WirePath(bytes: $0) }
    device = WirePath(bytes: candidate.device)
    size = candidate.size.map { Int(clamping: $0) }
    filesystem = candidate.type
    label = candidate.label.map { WirePath(bytes: $0) }
    uuid = candidate.uuid.map { WirePath(bytes: $0) }
    mounted = candidate.mounted.map { WirePath(bytes: $0) }
    fstab = candidate.inTable.map { WirePath(bytes: $0) }
    usable = candidate.readability == .usable
    why = candidate.readability.why
  }

  /// `usb  /dev/sdb1 vfat 7.8 GB LABEL=APKOVL, mounted at /media/usb`.
  var line: String {
    var facts = [displayText(of: device.rawBytes)]
    if let filesystem { facts.append(displayText(of: filesystem.utf8)) }
    if let size { facts.append(Voice.size(size)) }
    if let label { facts.append("LABEL=\(displayText(of: label.rawBytes))") }
    if let uuid { facts.append("UUID=\(displayText(of: uuid.rawBytes))") }
    var states: [String] = []
    if let mounted { states.append("mounted at \(displayText(of: mounted.rawBytes))") }
    if let fstab { states.append("in /etc/fstab for \(displayText(of: fstab.rawBytes))") }
    if let why { states.append("not usable: \(why)") }
    let name = usable ? argument.map { "\(displayText(of: $0.rawBytes))  " } ?? "" : ""
    return name + ([facts.joined(separator: " ")] + states).joined(separator: ", ")
  }
}

struct CacheCandidatesReply: Codable {
  var cache: WirePath?
  var candidates: [CacheCandidateReport]
  var suggestion: WirePath?
}

struct CacheCandidateReport: Codable {
  var directory: WirePath
  /// Bytes.
  var free: Int?
  var memory: Bool
}
