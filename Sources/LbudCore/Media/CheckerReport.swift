/// What a checker of file systems has written about one.
package struct CheckerReport: Equatable, Sendable {
  /// Its lines as a person can read them, without empty ones.
  package let lines: [String]
  /// The line that tells most where it has not mended the file system: what `fsck.ext4 -p` has given up at, else the last that
  /// is about an error, else the last.
  package let reason: String
  /// Whether the device itself cannot be read or written. A checker that may answer "yes" to all then writes zeros where it
  /// could not read (e2fsprogs ehandler.c, "Force rewrite").
  package let blamesDevice: Bool

  package init(_ output: [UInt8]) {
    let lines = output.split(separator: UInt8(ascii: "\n")).map { line in
      displayText(of: line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
    }.filter { !$0.isEmpty }
    self.lines = lines
    reason =
      Self.unmended(lines) ?? lines.last { $0.lowercased().contains("error") } ?? lines.last ?? "it says nothing"
    blamesDevice = lines.contains { line in
      let words = line.lowercased()
      return Self.signsOfDevice.contains { words.contains($0) }
    }
  }

  /// e2fsprogs ehandler.c, the words of EIO, and libext2fs' own EXT2_ET_SHORT_READ.
  private static let signsOfDevice = ["error reading block", "error writing block", "input/output error", "short read"]

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
