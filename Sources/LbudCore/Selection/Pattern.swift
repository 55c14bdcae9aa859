#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// One component of a protected path: a shell pattern for one name.
///
/// Matching is the C library's fnmatch(3) with FNM_PATHNAME, as apk does it, in the C locale: a `?` is one byte.
package struct Pattern: Hashable, Sendable {
  package let bytes: [UInt8]
  /// The pattern as fnmatch wants it; nil where no character of it is special and comparing bytes says the same.
  private let terminated: [CChar]?

  package init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    let special: Set<UInt8> = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\")]
    // With a NUL in it, it would end there for fnmatch; bytes that no name holds match nothing.
    let isSpecial = self.bytes.contains(where: special.contains) && !self.bytes.contains(0)
    terminated = isSpecial ? self.bytes.map { CChar(bitPattern: $0) } + [0] : nil
  }

  package func matches(_ name: [UInt8]) -> Bool {
    guard let terminated else { return bytes == name }
    return fnmatch(terminated, name.map { CChar(bitPattern: $0) } + [0], FNM_PATHNAME) == 0
  }

  /// Why the pattern cannot mean what its author thought; nil for a good one.
  package var flaw: String? {
    if bytes.contains(0) { return "holds a NUL byte and can match nothing" }
    if bytes.last == UInt8(ascii: "\r") { return "ends in a carriage return (saved with Windows line ends?)" }
    if bytes == [UInt8(ascii: "."), UInt8(ascii: ".")] || bytes == [UInt8(ascii: ".")] {
      return "holds a '\(String(decoding: bytes, as: UTF8.self))' component and can match nothing"
    }
    if bytes.isEmpty { return "holds an empty component (two slashes) and can match nothing" }
    return hasOpenBracket ? "opens a bracket that is not closed: it is taken literally" : nil
  }

  private var hasOpenBracket: Bool {
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 2
      case UInt8(ascii: "["):
        // The first character of a set may be a bracket that does not close it: "[]a]", "[!]a]".
        var end = index + 1
        if end < bytes.count, bytes[end] == UInt8(ascii: "!") || bytes[end] == UInt8(ascii: "^") { end += 1 }
        end += 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "]") { end += 1 }
        guard end < bytes.count else { return true }
        index = end + 1
      default: index += 1
      }
    }
    return false
  }
}
