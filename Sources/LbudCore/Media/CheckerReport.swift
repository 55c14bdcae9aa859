/// What a checker of file systems has written about one.
package struct CheckerReport: Equatable, Sendable {
  /// Its lines as a person can read them, without empty ones.
  package let lines: [String]
  /// The line that tells most where it has not mended the file system: the first about the device, else what `fsck.ext4 -p` has
  /// given up at, else the last that is about an error, else the last.
  package let reason: String
  /// Whether the device itself cannot be read or written. A checker that may answer "yes" to all then writes zeros where it
  /// could not read (e2fsprogs ehandler.c, "Force rewrite").
  package let blamesDevice: Bool

  /// What was done about problems, one a problem, as `fsck.ext4` asks and answers it: "Connect to /lost+found".
  package var answers: [String] {
    lines.compactMap { line in line.hasSuffix("? yes") ? String(line.dropLast("? yes".count)) : nil }
  }

  package init(_ output: [UInt8]) {
    let lines = output.split(separator: UInt8(ascii: "\n")).map { line in
      displayText(of: line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }.filter { !$0.isEmpty }
    self.lines = lines
    let unmended = Self.unmended(lines)
    let ofDevice = lines.first { line in
      let words = line.lowercased()
      return Self.signsOfDevice.contains { words.contains($0) }
    }
    blamesDevice = ofDevice != nil
    reason =
      ofDevice.map { line in unmended.flatMap { line.hasSuffix($0) ? $0 : nil } ?? line } ?? unmended
      ?? lines.last { $0.lowercased().contains("error") } ?? lines.last ?? "it says nothing"
  }

  /// e2fsprogs ehandler.c and problem.c, EIO in the words of glibc and of musl, libext2fs' own EXT2_ET_SHORT_READ, and
  /// dosfstools io.c.
  private static let signsOfDevice = [
    "error reading block", "error writing block", "error flushing writes", "error writing file system info",
    "input/output error", "i/o error", "short read", " bytes instead of ",
  ]

  /// e2fsprogs util.c, `preenhalt`. What stands before it in the line is the device, or the label of the file system; it stands
  /// before each problem too.
  private static let givesUp = ": UNEXPECTED INCONSISTENCY;"

  private static func unmended(_ lines: [String]) -> String? {
    guard let end = lines.firstIndex(where: { $0.contains(givesUp) }), end > 0,
      let name = lines[end].split(separator: givesUp, maxSplits: 1, omittingEmptySubsequences: false).first
    else { return nil }
    let problem = lines[end - 1]
    return problem.hasPrefix(name + ": ") ? String(problem.dropFirst(name.count + 2)) : problem
  }
}
