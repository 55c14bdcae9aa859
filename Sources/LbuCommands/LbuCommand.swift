import LbudCore
import LbudProtocol

/// The subcommands of lbu; each in a file of its own.
struct LbuCommand {
  let arguments: LbuArguments

  init(_ arguments: LbuArguments) { self.arguments = arguments }

  /// - Returns: the exit code.
  /// - Throws: `LbuFailure`, and `LbuArguments.Usage` where a usage is shown instead.
  func run() throws -> Int32 {
    do {
      return try runVerb()
    } catch let failure as LbuFailure {
      guard failure.isMediaMissing else { throw failure }
      throw usageWithoutMedia
    }
  }

  private func runVerb() throws -> Int32 {
    switch arguments.verb {
    case .commit: try commit()
    case .include: try edit("Include")
    case .exclude: try edit("Exclude")
    case .list: try list()
    case .package: try package()
    case .status: try status()
    case .diff: return try diff()
    case .listBackup: try listBackup()
    case .revert: try revert()
    }
    return 0
  }

  /// What is shown of a wrong line.
  var usage: LbuArguments.Usage { LbuArguments.Usage(verb: arguments.verb, code: 1, isAnswer: false) }

  /// What lbu shows where no media is configured: of status it is a success.
  private var usageWithoutMedia: LbuArguments.Usage {
    switch arguments.verb {
    case .status: LbuArguments.Usage(verb: .status, code: 0, isAnswer: true)
    case .listBackup: LbuArguments.Usage(verb: .listBackup, code: 1, isAnswer: true)
    default: usage
    }
  }

  /// The entries of a snapshot made now; a directory's name ends with a slash.
  func entries(_ session: LbuSession) throws -> [ListEntry] {
    var entries: [ListEntry] = []
    try session.callMore("List", NoParameters()) { (reply: ListReply, _) in entries += reply.entries }
    return entries
  }

  /// What lbu shows of the archive that it makes.
  func sayArchived(_ session: LbuSession) throws {
    LbuVoice.aside("Archiving the following files:")
    LbuVoice.aside(bytes: lines(try entries(session).map(\.path.rawBytes)))
  }

  /// Names as the bytes they are, one a line.
  func lines(_ names: [[UInt8]]) -> [UInt8] { names.flatMap { $0 + [UInt8(ascii: "\n")] } }
}

// MARK: list

extension LbuCommand {
  private func list() throws {
    let session = try LbuSession(arguments)
    LbuVoice.say(bytes: lines(try entries(session).map(\.path.rawBytes)))
  }
}
