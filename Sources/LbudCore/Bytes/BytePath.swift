/// A path below the root directory, as the bytes the kernel knows.
///
/// It has no leading and no trailing slash; the empty path is the root directory itself. Names are bytes: they need not
/// be UTF-8 and may hold anything but NUL and the slash. Use `display` only to show a path to a person.
package struct BytePath: Hashable, Comparable, Sendable {
  package let bytes: [UInt8]

  package static let root = BytePath(bytes: [])
  package static let separator = UInt8(ascii: "/")

  /// Takes the bytes as they are: the caller knows that they are normal (no slash at either end, none doubled).
  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Drops slashes at both ends and doubled ones; `.` and `..` stay what they are.
  package init(normalizing bytes: some Sequence<UInt8>) {
    var normal: [UInt8] = []
    for byte in bytes where byte != Self.separator || normal.last.map({ $0 != Self.separator }) ?? false {
      normal.append(byte)
    }
    if normal.last == Self.separator { normal.removeLast() }
    self.bytes = normal
  }

  package init(_ text: String) {
    self.init(normalizing: text.utf8)
  }

  package var isRoot: Bool { bytes.isEmpty }

  /// Whether the path names something directly in the root directory.
  package var isTopLevel: Bool { !bytes.contains(Self.separator) }

  package var components: [[UInt8]] {
    bytes.split(separator: Self.separator).map(Array.init)
  }

  /// The last component; empty for the root.
  package var name: [UInt8] {
    guard let slash = bytes.lastIndex(of: Self.separator) else { return bytes }
    return Array(bytes[(slash + 1)...])
  }

  /// The directory the path is in; the root for the root itself.
  package var parent: BytePath {
    guard let slash = bytes.lastIndex(of: Self.separator) else { return .root }
    return BytePath(bytes: Array(bytes[..<slash]))
  }

  package func appending(_ name: some Collection<UInt8>) -> BytePath { appending(Array(name)) }

  package func appending(_ name: [UInt8]) -> BytePath {
    guard !bytes.isEmpty else { return BytePath(bytes: name) }
    var joined: [UInt8] = []
    joined.reserveCapacity(bytes.count + 1 + name.count)
    joined.append(contentsOf: bytes)
    joined.append(Self.separator)
    joined.append(contentsOf: name)
    return BytePath(bytes: joined)
  }

  /// Whether the path is `directory` or anything below it.
  package func isInside(_ directory: BytePath) -> Bool {
    if directory.isRoot { return true }
    guard bytes.starts(with: directory.bytes) else { return false }
    return bytes.count == directory.bytes.count || bytes[directory.bytes.count] == Self.separator
  }

  /// The order of the bytes, so that a directory stands before what is in it.
  package static func < (left: BytePath, right: BytePath) -> Bool {
    left.bytes.withUnsafeBytes { one in right.bytes.withUnsafeBytes { other in byteOrder(one, other) < 0 } }
  }

  // An array hashes and compares one element after the other; a table of paths asks for nothing else.

  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  package static func == (left: BytePath, right: BytePath) -> Bool {
    guard left.bytes.count == right.bytes.count else { return false }
    return left.bytes.withUnsafeBytes { one in right.bytes.withUnsafeBytes { other in byteOrder(one, other) == 0 } }
  }

  /// For people: see `displayText(of:)`.
  package var display: String { displayText(of: bytes) }
}

extension BytePath: CustomStringConvertible {
  package var description: String { display }
}
