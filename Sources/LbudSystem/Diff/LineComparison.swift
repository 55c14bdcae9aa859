import LbudCore

/// Two texts compared line by line, by the system's diff program (GNU's and busybox's take the same options).
struct LineComparison {
  /// Where diff is, and what comes before its options, as `busybox` needs it.
  package struct Program: Sendable {
    var path: String
    var arguments: [String] = []

    /// Nil where there is none.
    static var installed: Program? { LbudSystem.Program.find("diff").map { Program(path: $0) } }
  }

  /// More than any real comparison of two texts of this size takes.
  static let seconds = 120

  let program: Program

  /// - Parameter labels: what stands behind `---` and `+++`.
  /// - Returns: the hunks with their two header lines; nothing for equal texts.
  /// - Throws: `FileError` where the memory is not there, `Trouble`, and as `Program.run`.
  func hunks(from old: [UInt8], to new: [UInt8], labels: (old: [UInt8], new: [UInt8])) throws -> [UInt8] {
    let before = try MemoryFile.make(old, called: "a file in memory for diff")
    let now = try MemoryFile.make(new, called: "a file in memory for diff")
    let options = program.arguments + ["-U", "3", "-a", "-L"]
    let arguments =
      options.map { Array($0.utf8) } + [labels.old, Array("-L".utf8), labels.new]
      + [LbudSystem.Program.Files.inputName, LbudSystem.Program.Files.memoryName].map { Array($0.utf8) }
    let limit = Self.longest(old, new) + labels.old.count + labels.new.count
    let ended = try LbudSystem.Program.run(
      program.path, arguments, with: .init(input: before.raw, memory: now.raw), within: Self.seconds, limit: limit)
    // What it has said stands behind the text that it was to read, and may have been read with it.
    guard let code = ended.code, code <= 1, ended.complaint.isEmpty else { throw Trouble(words: ended.lastWords) }
    return ended.output
  }

  /// What all hunks take at most: a mark before each line, and a header for each seven lines that both sides have. No guess
  /// far beyond, since memory for so much is asked for before the program runs.
  private static func longest(_ old: [UInt8], _ new: [UInt8]) -> Int {
    let newline = UInt8(ascii: "\n")
    let lineCount = old.count { $0 == newline } + new.count { $0 == newline } + 2
    return old.count + new.count + lineCount + (lineCount / 14 + 1) * 48 + 1024
  }

  /// The program could not compare.
  struct Trouble: Error, CustomStringConvertible {
    var words: String
    var description: String { "diff: \(words)" }
  }
}
