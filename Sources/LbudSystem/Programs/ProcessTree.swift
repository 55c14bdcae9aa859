import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

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
    let path = "/proc/\(pid)/stat"
    guard let raw = try? retrying("open", path, { systemOpen(path, O_RDONLY | O_CLOEXEC) }) else { return nil }
    let file = Descriptor(owning: raw)
    var text = [UInt8](repeating: 0, count: 1024)
    guard let count = try? text.withUnsafeMutableBytes({ try file.read(into: $0, path: path) }) else { return nil }
    return parent(in: text[..<count])
  }

  /// `1234 (a name) S 1 ...`: the name may hold anything, so what counts is behind the last parenthesis.
  static func parent(in text: ArraySlice<UInt8>) -> Int32? {
    guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let words = text[(end + 1)...].split(separator: UInt8(ascii: " "))
    return words.count < 2 ? nil : Int32(String(decoding: words[1], as: UTF8.self))
  }
}
