/// The one hunk of a file that only one side has, which needs no program to compare lines.
package enum WholeFileHunk {
  /// - Parameter isAdded: whether it is the new side that has it.
  /// - Returns: the hunk as GNU diff -u writes it against an empty file; nothing for an empty one.
  package static func bytes(of content: [UInt8], isAdded: Bool) -> [UInt8] {
    guard !content.isEmpty else { return [] }
    let newline = UInt8(ascii: "\n")
    let isWhole = content.last == newline
    let lineCount = content.count { $0 == newline } + (isWhole ? 0 : 1)
    let range = lineCount == 1 ? "1" : "1,\(lineCount)"
    var hunk = Array((isAdded ? "@@ -0,0 +\(range) @@\n" : "@@ -\(range) +0,0 @@\n").utf8)
    hunk.reserveCapacity(hunk.count + content.count + lineCount + 32)
    let mark = UInt8(ascii: isAdded ? "+" : "-")
    var isAtStart = true
    for byte in content {
      if isAtStart { hunk.append(mark) }
      hunk.append(byte)
      isAtStart = byte == newline
    }
    if !isWhole { hunk += "\n\\ No newline at end of file\n".utf8 }
    return hunk
  }
}
