/// A name as it stands in a diff: as it is, or where that would break the line or leave its end open, in quotes with the
/// escapes of C, as GNU diff writes and GNU patch reads it.
///
/// GNU diff also escapes every byte beyond ASCII; here a name that is UTF-8 and can be read stays readable.
package func quotedName(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  let name = Array(bytes)
  let isReadable = isReadableUTF8(name)
  let isPlain = isReadable && !name.contains { $0 <= 0x20 || $0 == 0x7f || $0 == quote || $0 == backslash }
  guard !isPlain, !name.isEmpty else { return name }
  var quoted = [quote]
  for byte in name {
    if let letter = letter(for: byte) {
      quoted += [backslash, letter]
    } else if byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isReadable) {
      quoted += [backslash] + [6, 3, 0].map { UInt8(ascii: "0") + (byte >> $0 & 7) }
    } else {
      quoted.append(byte)
    }
  }
  return quoted + [quote]
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

private func letter(for byte: UInt8) -> UInt8? {
  switch byte {
  case 0x07: UInt8(ascii: "a")
  case 0x08: UInt8(ascii: "b")
  case 0x09: UInt8(ascii: "t")
  case 0x0a: UInt8(ascii: "n")
  case 0x0b: UInt8(ascii: "v")
  case 0x0c: UInt8(ascii: "f")
  case 0x0d: UInt8(ascii: "r")
  case quote, backslash: byte
  default: nil
  }
}

/// Whether what is beyond ASCII is UTF-8, without what `displayText` escapes. The bytes of ASCII are not looked at.
private func isReadableUTF8(_ name: [UInt8]) -> Bool {
  let beyond = name.map { $0 < 0x80 ? UInt8(ascii: "x") : $0 }
  guard beyond.contains(where: { $0 >= 0x80 }) else { return true }
  // A byte that is no UTF-8 becomes U+FFFD, which has other bytes.
  return Array(displayText(of: beyond).utf8) == beyond
}
