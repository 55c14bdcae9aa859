import LbudCore

/// Names as archives hold them, made into paths below the root.
enum EntryName {
  /// The root for `./`, which lbu's predecessors and handmade archives begin with.
  ///
  /// `..` is refused rather than resolved: what it means depends on symlinks already unpacked. A slash in front is dropped, as
  /// the boot loader's tar does it, unless absolute names are to be refused.
  static func path(of name: [UInt8], refusingAbsolute: Bool = false) throws(TarBlock.Problem) -> BytePath {
    guard !name.isEmpty else { throw TarBlock.Problem(reason: "an entry has an empty name") }
    guard !name.contains(0) else { throw TarBlock.Problem(reason: "an entry's name holds a NUL byte") }
    guard !refusingAbsolute || name.first != BytePath.separator else {
      throw TarBlock.Problem(reason: "an entry's name is absolute (\(displayText(of: name)))")
    }
    let path = isPlain(name) ? name : try rebuild(name)
    guard path.count <= TarEncoder.longestName else {
      throw TarBlock.Problem(reason: "an entry's name has \(path.count) bytes")
    }
    return BytePath(bytes: path)
  }

  private static func rebuild(_ name: [UInt8]) throws(TarBlock.Problem) -> [UInt8] {
    let dot = UInt8(ascii: ".")
    var path: [UInt8] = []
    path.reserveCapacity(name.count)
    for component in name.split(separator: BytePath.separator) where component != [dot] {
      guard component != [dot, dot] else {
        throw TarBlock.Problem(reason: "an entry's name has a .. component (\(displayText(of: name)))")
      }
      if !path.isEmpty { path.append(BytePath.separator) }
      path.append(contentsOf: component)
    }
    return path
  }

  /// Whether every component is non-empty and does not begin with a dot: the usual name, which needs no rebuilding.
  private static func isPlain(_ name: [UInt8]) -> Bool {
    var isAtStart = true
    for byte in name {
      if isAtStart, byte == BytePath.separator || byte == UInt8(ascii: ".") { return false }
      isAtStart = byte == BytePath.separator
    }
    return !isAtStart
  }
}
