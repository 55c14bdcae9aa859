/// What names vfat takes, and what they cost: fs/fat/namei_vfat.c.
package enum FATName {
  /// Why vfat does not take the name, or not unchanged; nil where it does. To stand behind the name: `":" is not allowed
  /// there`.
  package static func objection(to name: [UInt8]) -> String? {
    guard !name.isEmpty else { return "an empty name is not allowed there" }
    // utf8s_to_utf16s refuses it where vfat is mounted with utf8; else it is another name for who mounts it so.
    guard let text = String(validating: name, as: UTF8.self) else {
      return "a name that is not UTF-8 is not allowed there"
    }
    // vfat_bad_char
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 { return "a control character is not allowed there" }
      if scalar == "\"" { return "'\"' is not allowed there" }
      if "*/:<>?\\|".unicodeScalars.contains(scalar) { return "\"\(scalar)\" is not allowed there" }
    }
    // vfat_create_shortname finds nothing to make the short name of.
    if name.allSatisfy({ $0 == dot || $0 == space }) { return "a name of only dots and spaces is not allowed there" }
    // vfat_striptail_len
    if name.last == dot { return "a dot at the end is cut off there" }
    // vfat_is_used_badchars
    if name.last == space { return "a space at the end is not allowed there" }
    // FAT_LFN_LEN
    return text.utf16.count > 255 ? "a name of more than 255 UTF-16 units is not allowed there" : nil
  }

  /// How many entries of 32 bytes the name takes in its directory: one for the short name, and before it those that hold
  /// 13 UTF-16 units each of a name that cannot be a short one as it is written.
  package static func entries(for name: [UInt8]) -> Int {
    let kept = name.prefix((name.lastIndex { $0 != dot } ?? -1) + 1)
    if kept.isEmpty || isShort(kept) { return 1 }
    // What is not UTF-8 can get in only as one character a byte.
    let units = String(validating: kept, as: UTF8.self)?.utf16.count ?? kept.count
    return 1 + units / 13 + (units % 13 == 0 ? 0 : 1)
  }

  private static let dot = UInt8(ascii: ".")
  private static let space = UInt8(ascii: " ")

  /// Whether it is stored without a long name under `shortname=mixed`, the default: eight characters, a dot and three,
  /// no small letter, and none of the characters that vfat_create_shortname replaces.
  private static func isShort(_ name: ArraySlice<UInt8>) -> Bool {
    let parts = name.split(separator: dot, omittingEmptySubsequences: false)
    guard parts.count <= 2, (1...8).contains(parts[0].count), parts.count == 1 || (1...3).contains(parts[1].count)
    else { return false }
    return parts.joined().allSatisfy { byte in
      (0x21...0x7e).contains(byte) && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        && !"[];,+=\"*/:<>?\\|".utf8.contains(byte)
    }
  }
}
