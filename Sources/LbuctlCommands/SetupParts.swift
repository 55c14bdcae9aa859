import ArgumentParser
import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// How a setup speaks, common to both.
struct SetupOptions: ParsableArguments {
  @Flag(name: [.customShort("n"), .long], help: "Change nothing, show what would be done.")
  var dryRun = false
}

/// `lbuctl setup media`: `LBU_MEDIA`, the line in fstab, the mount point.
struct SetupMediaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "media", abstract: "Choose the disk that snapshots go to.",
    discussion: """
      Sets LBU_MEDIA in /etc/lbu/lbu.conf, and adds a line to /etc/fstab and a directory to /media where they are not there. \
      Without an argument it lists the disks, and which of them cannot be used and why.
      """)

  @OptionGroup var connection: Connection
  @OptionGroup var options: SetupOptions

  @Flag(help: "Take a file system that the boot loader cannot read.")
  var force = false

  @Argument(help: "NAME of /media/NAME, LABEL=.. or UUID=.., or none, for which nothing is done.")
  var media: String?

  func run() throws {
    if media == "none" { return try SetupReport().say(connection, options) }
    try settingUp(root: connection.root) { root in
      guard let media else { return try list(MediaSetter(root: root)) }
      let choice = try MediaChoice(argumentBytes(media))
      let setter = MediaSetter(root: root)
      let setup = try setter.look(choice)
      var report = SetupReport(try setup.plan(force: force))
      if !options.dryRun {
        try setter.carryOut(report.plan) { report.say($0, connection) }
        let wanted = String(decoding: setup.name, as: UTF8.self)
        let now = report.plan.steps.isEmpty ? wanted : setter.media
        if now != wanted {
          report.plan.notes.append(
            "LBU_MEDIA is \(now.map { "'\(displayText(of: $0.utf8))'" } ?? "not set") all the same: another line of"
              + " /etc/lbu/lbu.conf decides it; mend that")
        }
        report.reload(connection)
      }
      try report.say(connection, options)
    }
  }

  private func list(_ setter: MediaSetter) throws {
    let candidates = setter.candidates()
    let reply = MediaCandidatesReply(
      media: setter.media, candidates: candidates.map(MediaCandidateReport.init),
      suggestion: MediaCandidate.suggestion(of: candidates)?.argument.map { WirePath(bytes: $0) })
    if connection.json { return try connection.printJSON(reply) }
    Voice.say("media: \(reply.media.map { "/media/\(displayText(of: $0.utf8))" } ?? "none is set")")
    for candidate in reply.candidates.filter({ $0.usable }) { Voice.say("  " + candidate.line) }
    for candidate in reply.candidates.filter({ !$0.usable }) { Voice.say("  " + candidate.line) }
    guard let suggestion = reply.suggestion else {
      return Voice.say("suggestion: none; a disk with vfat or ext4 is needed")
    }
    Voice.say("suggestion: lbuctl setup media \(shellWord(suggestion.rawBytes))")
  }
}

/// `lbuctl setup cache`: the symlink `/etc/apk/cache`, and the directory it leads to.
struct SetupCacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Choose where apk keeps the packages that the next boot installs.",
    discussion: """
      Makes the directory, on a disk that is mounted or made writable for that, and links /etc/apk/cache to it. Without an \
      argument it lists directories that could be used.
      """)

  @OptionGroup var connection: Connection
  @OptionGroup var options: SetupOptions

  @Flag(help: "Take a directory in memory.")
  var force = false

  @Argument(help: "The directory, or none, for which nothing is done.")
  var directory: String?

  func run() throws {
    if directory == "none" { return try SetupReport().say(connection, options) }
    try settingUp(root: connection.root) { root in
      let setter = CacheSetter(root: root)
      guard let directory else { return try list(setter) }
      let setup = try setter.look(argumentBytes(directory), mounting: !options.dryRun)
      var report = SetupReport(try setup.plan(force: force))
      if !options.dryRun {
        var problems: [Problem] = []
        try setter.carryOut(report.plan, of: setup, note: { problems.append($0) }, done: { report.say($0, connection) })
        report.plan.notes += problems.map(\.lineWithRemedy)
        report.reload(connection)
      }
      try report.say(connection, options)
    }
  }

  private func list(_ setter: CacheSetter) throws {
    let candidates = setter.candidates()
    let reply = CacheCandidatesReply(
      cache: setter.current().map { WirePath(bytes: $0) },
      candidates: candidates.map {
        CacheCandidateReport(
          directory: WirePath(bytes: $0.directory), free: $0.free.map { Int(clamping: $0) }, memory: $0.isInMemory)
      }, suggestion: candidates.first { !$0.isInMemory }.map { WirePath(bytes: $0.directory) })
    if connection.json { return try connection.printJSON(reply) }
    Voice.say("cache: \(reply.cache.map { displayText(of: $0.rawBytes) } ?? "none")")
    for candidate in reply.candidates {
      let state =
        candidate.memory
        ? "not usable: only in memory, gone after a reboot"
        : candidate.free.map { "\(Voice.size($0)) free" } ?? "not mounted now"
      Voice.say("  \(displayText(of: candidate.directory.rawBytes))  \(state)")
    }
    Voice.say(
      "suggestion: "
        + (reply.suggestion.map { "lbuctl setup cache \(shellWord($0.rawBytes))" } ?? "none; a disk is needed")
    )
  }
}

/// As it can be pasted into a shell.
private func shellWord(_ bytes: [UInt8]) -> String { displayText(of: ShellText.quoted(bytes)) }

/// - Throws: `Failure`: what is no UTF-8 cannot stand in lbu.conf and fstab as text.
private func argumentBytes(_ text: String) throws(Failure) -> [UInt8] {
  let bytes = NameArgument(argument: text).bytes
  guard String(validating: bytes, as: UTF8.self) != nil else {
    throw Failure(
      .usage, "'\(displayText(of: bytes))' is not UTF-8, and cannot be set up", hint: "give it another name")
  }
  return Array(text.utf8)
}

/// Errors of a setup in lbuctl's words.
/// - Throws: `Failure`.
func settingUp(root: String, _ body: (RootDirectory) throws -> Void) throws {
  do {
    var path = root
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    try body(try RootDirectory(path: path))
  } catch let error as SetupRefusal {
    throw Failure(.failed, error.description, hint: error.hint)
  } catch let error as StoreError {
    throw Failure(.failed, error.description, hint: error.hint)
  } catch let error as FileError {
    let isForbidden = error.code == EACCES || error.code == EPERM
    throw Failure(
      isForbidden ? .notPermitted : .failed, error.description,
      hint: isForbidden ? "run it as root" : "nothing behind that was done; it can be run again")
  }
}
