import ArgumentParser
import LbudCore
import LbudProtocol
import LbudSystem

/// `lbuctl setup` as it is: all of it, one after another.
struct SetupGuideCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guide", abstract: "All of it, asked for or told by options; what lbuctl setup alone does.",
    discussion: """
      Asks for each, with an answer to begin with, and ends with what lbuctl doctor says. What an option answers is not asked. \
      --yes takes all that is suggested, and needs no terminal.
      """)

  @OptionGroup var connection: Connection

  @Option(help: ArgumentHelp("Where snapshots go, as for lbuctl setup media; none: as it is.", valueName: "name"))
  var media: String?

  @Option(help: ArgumentHelp("Where apk keeps packages, as for lbuctl setup cache; none: as it is.", valueName: "dir"))
  var cache: String?

  @Option(help: ArgumentHelp("How many old snapshots stay: BACKUP_LIMIT.", valueName: "number"))
  var keep: Int?

  @Flag(inversion: .prefixedNo, help: "Have lbud started, now and at each boot.")
  var service: Bool?

  @Flag(inversion: .prefixedNo, help: "Save what is unsaved.")
  var commit: Bool?

  @Flag(name: .shortAndLong, help: "Take what is suggested for all the rest.")
  var yes = false

  func validate() throws {
    if connection.json { throw ValidationError("--json is for the parts: lbuctl setup media, lbuctl setup cache") }
    if let keep, !(0...100_000).contains(keep) { throw ValidationError("--keep is a number from 0 to 100000") }
  }

  func run() throws {
    var guide = SetupGuide(takesSuggestions: yes)
    try guide.check([
      ("--media", media != nil), ("--cache", cache != nil), ("--keep", keep != nil), ("--service", service != nil),
      ("--commit", commit != nil),
    ])
    try setUpMedia(&guide)
    try setUpCache(&guide)
    try setUpLimit(&guide)
    try setUpService(&guide)
    try saveFirst(&guide)
    Voice.say("")
    try DoctorCommand.parse(connection.words).run()
  }

  // MARK: Steps

  private func setUpMedia(_ guide: inout SetupGuide) throws {
    try settingUp(root: connection.root) { root in
      let place = SettingSetter(root: root).place
      func suggested() -> String {
        guard place == nil else { return "none" }
        let candidates = MediaSetter(root: root).candidates()
        return MediaCandidate.suggestion(of: candidates)?.argument.map { displayText(of: $0) } ?? "none"
      }
      if media == nil, place == nil { try SetupMediaCommand.parse(connection.words).run() }
      let answer = try guide.answer(
        place.map { "snapshots go to \($0); to another disk (none: as it is)" } ?? "snapshots go to",
        given: media, suggested: suggested())
      guard answer != "none" else {
        return Voice.say(place.map { "snapshots go to \($0)" } ?? "snapshots go nowhere yet: lbuctl setup media")
      }
      try SetupMediaCommand.parse([answer] + connection.words).run()
    }
  }

  private func setUpCache(_ guide: inout SetupGuide) throws {
    try settingUp(root: connection.root) { root in
      let setter = CacheSetter(root: root)
      let current = setter.current().map { displayText(of: $0) }
      func suggested() -> String {
        guard current == nil else { return "none" }
        return setter.candidates().first { !$0.isInMemory }.map { displayText(of: $0.directory) } ?? "none"
      }
      let answer = try guide.answer(
        current.map { "packages are kept in \($0); elsewhere (none: as it is)" }
          ?? "packages for the next boot are kept in (none: by nobody)",
        given: cache, suggested: suggested())
      guard answer != "none" else {
        return Voice.say(current.map { "packages are kept in \($0)" } ?? "packages are not kept: lbuctl setup cache")
      }
      try SetupCacheCommand.parse([answer] + connection.words).run()
    }
  }

  private func setUpLimit(_ guide: inout SetupGuide) throws {
    try settingUp(root: connection.root) { root in
      let setter = SettingSetter(root: root)
      guard let limit = setter.limit else { return Voice.say("old snapshots stay by LBUD_KEEP") }
      let answer = try guide.answer("old snapshots that stay", given: keep.map { "\($0)" }, suggested: "\(limit)")
      guard let wanted = Int(answer), (0...100_000).contains(wanted) else {
        throw Failure(
          .usage, "'\(displayText(of: answer.utf8))' is no number from 0 to 100000", hint: "lbuctl setup again")
      }
      guard wanted != limit else { return Voice.say("\(limit) old snapshots stay") }
      try setter.set(wanted)
      Voice.say("set BACKUP_LIMIT=\(wanted) in /etc/lbu/lbu.conf")
    }
  }

  private func setUpService(_ guide: inout SetupGuide) throws {
    try settingUp(root: connection.root) { root in
      let setter = ServiceSetter(root: root)
      if let obstacle = setter.setup.obstacle, service == nil {
        Voice.say("the service stays as it is: \(obstacle)")
        return Voice.say("  \(obstacle.hint)")
      }
      guard try guide.isYes("start lbud, now and at each boot", given: service) else {
        return Voice.say("the service stays as it is")
      }
      try setter.carryOut { Voice.say("done: \($0.joined(separator: " "))") }
      if let note = setter.setup.note { Voice.say("note: \(note)") }
    }
  }

  private func saveFirst(_ guide: inout SetupGuide) throws {
    guard try guide.isYes("save what is unsaved", given: commit) else { return Voice.say("nothing is saved now") }
    try CommitCommand.parse(["--message", "lbuctl setup"] + connection.words).run()
  }
}
