import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

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
    let before = try Self.inMemory(old)
    let now = try Self.inMemory(new)
    let options = program.arguments + ["-U", "3", "-a", "-L"]
    let arguments =
      options.map { Array($0.utf8) } + [labels.old, Array("-L".utf8), labels.new]
      + [before.raw, now.raw].map { Array("/proc/\(getpid())/fd/\($0)".utf8) }
    let limit = Self.longest(old, new) + labels.old.count + labels.new.count
    let ended = try LbudSystem.Program.run(program.path, arguments, within: Self.seconds, limit: limit)
    guard let code = ended.code, code <= 1 else { throw Trouble(words: ended.lastWords) }
    return ended.output
  }

  /// What all hunks take at most: a mark before each line, and a header for each seven lines that both sides have. No guess
  /// far beyond, since memory for so much is asked for before the program runs.
  private static func longest(_ old: [UInt8], _ new: [UInt8]) -> Int {
    let newline = UInt8(ascii: "\n")
    let lineCount = old.count { $0 == newline } + new.count { $0 == newline } + 2
    return old.count + new.count + lineCount + (lineCount / 14 + 1) * 48 + 1024
  }

  /// A file of no file system, which the program opens through /proc.
  private static func inMemory(_ content: [UInt8]) throws(FileError) -> Descriptor {
    let file = Descriptor(owning: try retrying("make a file in memory for", "diff") { clbud_memfd("lbud-diff") })
    var done = 0
    while done < content.count {
      let raw = file.raw
      let start = done
      done += try retrying("write to a file in memory for", "diff") {
        content.withUnsafeBytes { systemWrite(raw, UnsafeRawBufferPointer(rebasing: $0[start...])) }
      }
    }
    return file
  }

  /// The program could not compare.
  struct Trouble: Error, CustomStringConvertible {
    var words: String
    var description: String { "diff: \(words)" }
  }
}
