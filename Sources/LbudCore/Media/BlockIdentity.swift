/// What `blkid` says about a block device.
package struct BlockIdentity: Hashable, Sendable {
  package var device: [UInt8]
  /// As printed, but for escaped quotes and backslashes: see `matches`.
  package var label: [UInt8]?
  package var uuid: [UInt8]?
  package var type: String?

  package init(device: [UInt8], label: [UInt8]? = nil, uuid: [UInt8]? = nil, type: String? = nil) {
    self.device = device
    self.label = label
    self.uuid = uuid
    self.type = type
  }

  /// Reads lines like `/dev/sda1: LABEL="a b" UUID="AB-CD" TYPE="vfat"`. A line without a device or without any whole
  /// value is left out.
  package static func parse(_ output: [UInt8]) -> [BlockIdentity] {
    output.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let end = line.indices.first(where: { line[$0...].starts(with: ": ".utf8) }), end > line.startIndex else {
        return nil
      }
      let text = line[(end + 2)...]
      let tags = escapedTags(text) ?? plainTags(text)
      guard !tags.isEmpty else { return nil }
      // Busybox prints the label first. Should it look like another tag, the real one comes after it and counts.
      func value(_ name: String) -> [UInt8]? { tags.last { $0.name == name }.map { Array($0.value) } }
      return BlockIdentity(
        device: Array(line[..<end]), label: value("LABEL"), uuid: value("UUID"),
        type: value("TYPE").map { String(decoding: $0, as: UTF8.self) })
    }
  }

  package func matches(_ specification: FileSystemTable.Entry.Specification) -> Bool {
    switch specification {
    case .path(let path): return path == device
    case .label(let wanted): return label.map { $0 == wanted || $0 == Self.visible(wanted) } ?? false
    case .uuid(let wanted): return uuid.map { Self.lowercase($0) == Self.lowercase(wanted) } ?? false
    case .other: return false
    }
  }

  // MARK: Reading

  private struct Tag {
    var name: String
    var value: [UInt8]
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  /// The form of util-linux (misc-utils/blkid.c): a backslash stands before quotes and backslashes of a value. Nil where
  /// the line is not wholly in it.
  private static func escapedTags(_ text: ArraySlice<UInt8>) -> [Tag]? {
    var tags: [Tag] = []
    var rest = text.drop { $0 == UInt8(ascii: " ") }
    while !rest.isEmpty {
      guard let name = beginning(of: rest) else { return nil }
      rest = rest.dropFirst(name.utf8.count + 2)
      var value: [UInt8] = []
      while let byte = rest.first, byte != quote {
        if byte == backslash, let next = rest.dropFirst().first, next == quote || next == backslash {
          rest = rest.dropFirst()
          value.append(next)
        } else {
          value.append(byte)
        }
        rest = rest.dropFirst()
      }
      guard rest.popFirst() == quote, rest.isEmpty || rest.first == UInt8(ascii: " ") else { return nil }
      tags.append(Tag(name: name, value: value))
      rest = rest.drop { $0 == UInt8(ascii: " ") }
    }
    return tags
  }

  /// The form of busybox (util-linux/volume_id/get_devname.c), which escapes nothing: a value ends at a quote before
  /// another tag or at the end of the line.
  private static func plainTags(_ text: ArraySlice<UInt8>) -> [Tag] {
    var tags: [Tag] = []
    var rest = text.drop { $0 == UInt8(ascii: " ") }
    while let name = beginning(of: rest) {
      rest = rest.dropFirst(name.utf8.count + 2)
      let end = rest.indices.first { index in
        guard rest[index] == quote else { return false }
        let behind = rest[(index + 1)...]
        let next = behind.drop { $0 == UInt8(ascii: " ") }
        return next.isEmpty || (behind.first == UInt8(ascii: " ") && beginning(of: next) != nil)
      }
      guard let end else { break }
      tags.append(Tag(name: name, value: Array(rest[..<end])))
      rest = rest[(end + 1)...].drop { $0 == UInt8(ascii: " ") }
    }
    return tags
  }

  /// The name of the tag whose `NAME="` begins the text.
  private static func beginning(of text: ArraySlice<UInt8>) -> String? {
    let name = text.prefix {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_")
    }
    guard !name.isEmpty, text.dropFirst(name.count).starts(with: "=\"".utf8) else { return nil }
    return String(decoding: name, as: UTF8.self)
  }

  // MARK: Comparing

  /// How util-linux prints a label (misc-utils/blkid.c, `safe_print`): `M-` for the eighth bit, `^` for what is a control
  /// character then. It cannot be turned back, since a label may hold these characters itself.
  private static func visible(_ label: [UInt8]) -> [UInt8] {
    var printed: [UInt8] = []
    for byte in label {
      if byte >= 0x80 { printed += Array("M-".utf8) }
      let low = byte & 0x7f
      if low < 0x20 || low == 0x7f {
        printed += [UInt8(ascii: "^"), low ^ 0x40]
      } else {
        printed.append(low)
      }
    }
    return printed
  }

  private static func lowercase(_ uuid: [UInt8]) -> [UInt8] {
    uuid.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
