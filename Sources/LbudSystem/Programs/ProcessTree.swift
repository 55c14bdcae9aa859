/// Who was started by whom, as `/proc` tells it (proc(5)).
package enum ProcessTree {
  /// Whether a process was started by another one, or by one that was. False where one of them is gone.
  package static func isDescendant(_ pid: Int32, of ancestor: Int32) -> Bool {
    var current = pid
    // Deeper than any real one; a number used again could make a ring.
    for _ in 0..<256 {
      if current == ancestor { return true }
      guard current > 1, let parent = parent(of: current) else { return false }
      current = parent
    }
    return false
  }

  private static func parent(of pid: Int32) -> Int32? {
    (try? ProcFile.read("/proc/\(pid)/stat", limit: 4096)).flatMap { parent(in: $0[...]) }
  }

  /// `1234 (a name) S 1 ...`: the name may hold anything, so what counts is behind the last parenthesis.
  static func parent(in text: ArraySlice<UInt8>) -> Int32? {
    guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let words = text[(end + 1)...].split(separator: UInt8(ascii: " "))
    return words.count < 2 ? nil : Int32(String(decoding: words[1], as: UTF8.self))
  }
}
