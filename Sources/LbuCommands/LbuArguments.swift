import LbudCore

/// lbu's command line: a subcommand, options as getopts(1) takes them, and names, which are bytes.
struct LbuArguments: Equatable {
  enum Verb: String, CaseIterable {
    case commit, diff, exclude, include, list
    case listBackup = "list-backup"
    case package, revert, status

    var aliases: [String] {
      switch self {
      case .commit: ["ci"]
      case .exclude: ["ex", "delete"]
      case .include: ["inc", "add"]
      case .list: ["ls"]
      case .listBackup: ["lb"]
      case .package: ["pkg"]
      case .status: ["stat", "st"]
      case .diff, .revert: []
      }
    }

    init?(name: [UInt8]) {
      guard
        let verb = Self.allCases.first(where: { ([$0.rawValue] + $0.aliases).contains { name.elementsEqual($0.utf8) } })
      else { return nil }
      self = verb
    }
  }

  var verb: Verb
  /// `-a`: compare with the packages.
  var all = false
  /// `-d`: remove other overlays.
  var deletes = false
  /// `-e`
  var encrypts = false
  /// `-l`: list instead of edit.
  var lists = false
  /// `-n`
  var dryRun = false
  /// `-p`
  var password: Secret?
  /// `-q`
  var quiet = false
  /// `-r`: take out instead of add.
  var removes = false
  /// `-v`
  var verbose = false
  /// What stands behind the options.
  var names: [[UInt8]] = []

  init(verb: Verb) { self.verb = verb }

  /// Why nothing is done: a usage is shown instead.
  struct Usage: Error, Equatable {
    /// Whose; nil for that of lbu itself.
    var verb: Verb?
    var code: Int32
    /// Whether it is what was asked for, and so goes to standard output.
    var isAnswer: Bool
    /// What is wrong with the line, where getopts says so.
    var complaint: String?
  }

  /// - Parameters:
  ///   - program: as the program was called: `lbu`, or `lbu_commit` with the subcommand in its name.
  ///   - arguments: without the program's name.
  /// - Throws: `Usage`.
  static func parse(program: [UInt8], _ arguments: [[UInt8]]) throws(Usage) -> LbuArguments {
    var rest = arguments[...]
    let parts = program.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    let inName = parts.count > 1 && !parts[1].isEmpty ? Array(parts[1]) : nil
    guard let name = inName ?? rest.popFirst() else { throw Usage(code: 1, isAnswer: false) }
    if name.elementsEqual("-h".utf8) { throw Usage(code: 0, isAnswer: true) }
    guard let verb = Verb(name: name) else { throw Usage(code: 1, isAnswer: false) }
    var parsed = LbuArguments(verb: verb)
    try parsed.takeOptions(&rest)
    parsed.names = Array(rest)
    return parsed
  }

  /// Options end at the first word that is none, or behind `--`.
  private mutating func takeOptions(_ rest: inout ArraySlice<[UInt8]>) throws(Usage) {
    let dash = UInt8(ascii: "-")
    while let word = rest.first, word.first == dash, word.count > 1 {
      rest.removeFirst()
      if word == [dash, dash] { return }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        guard letter == UInt8(ascii: "p") || letter == UInt8(ascii: "M") else {
          try take(letter)
          continue
        }
        guard let value = letters.isEmpty ? rest.popFirst() : Array(letters) else {
          throw wrong("option requires an argument", letter)
        }
        if letter == UInt8(ascii: "p"), !value.isEmpty { password = Secret(value) }
        letters = []
      }
    }
  }

  private mutating func take(_ letter: UInt8) throws(Usage) {
    switch letter {
    // lbu shows its usage, and calls that a success.
    case UInt8(ascii: "a"):
      guard verb == .status else { throw Usage(verb: verb, code: 0, isAnswer: true) }
      all = true
    case UInt8(ascii: "n"):
      guard verb == .commit else { throw Usage(verb: verb, code: 0, isAnswer: true) }
      dryRun = true
    case UInt8(ascii: "d"): deletes = true
    case UInt8(ascii: "e"): encrypts = true
    case UInt8(ascii: "h"): throw Usage(verb: verb, code: 0, isAnswer: true)
    case UInt8(ascii: "l"): lists = true
    case UInt8(ascii: "q"): quiet = true
    case UInt8(ascii: "r"): removes = true
    case UInt8(ascii: "v"): verbose = true
    default: throw wrong("illegal option", letter)
    }
  }

  private func wrong(_ what: String, _ letter: UInt8) -> Usage {
    Usage(verb: verb, code: 1, isAnswer: false, complaint: "\(what) -- \(displayText(of: [letter]))")
  }
}
