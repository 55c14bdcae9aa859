/// Where the fields of a tar header are (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
/// Format", has the same places).
enum TarLayout {
  static let blockSize = 512
  static let name = 0..<100
  static let mode = 100..<108
  static let uid = 108..<116
  static let gid = 116..<124
  static let size = 124..<136
  static let modificationTime = 136..<148
  static let checksum = 148..<156
  static let type = 156
  static let linkName = 157..<257
  /// Magic and version, which GNU tar writes as one string.
  static let magic = 257..<265
  static let deviceMajor = 329..<337
  static let deviceMinor = 337..<345
  /// Only with the POSIX magic; GNU tar keeps other things there.
  static let prefix = 345..<500

  static let posixMagic = Array("ustar\0".utf8)
  /// GNU's own magic goes with its extensions (`L`, `K`, base-256): it tells readers that there is no prefix field.
  static let gnuMagic = Array("ustar  \0".utf8)

  /// How many zeros follow `size` bytes of content.
  static func padding(after size: UInt64) -> Int {
    Int((512 - size % 512) % 512)
  }
}

/// The letters of the type field that this library knows.
enum TarType {
  static let oldFile: UInt8 = 0
  static let file = UInt8(ascii: "0")
  static let hardLink = UInt8(ascii: "1")
  static let symlink = UInt8(ascii: "2")
  static let characterDevice = UInt8(ascii: "3")
  static let blockDevice = UInt8(ascii: "4")
  static let directory = UInt8(ascii: "5")
  static let fifo = UInt8(ascii: "6")
  /// A file that some system stores in one piece; to everybody else, a file (POSIX).
  static let contiguousFile = UInt8(ascii: "7")
  /// GNU tar manual, `L` and `K`: the content is the name, or link target, of the entry that follows.
  static let longName = UInt8(ascii: "L")
  static let longLink = UInt8(ascii: "K")
  static let paxHeader = UInt8(ascii: "x")
  static let paxGlobalHeader = UInt8(ascii: "g")
}
