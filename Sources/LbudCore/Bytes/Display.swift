/// A name as a person can read it on one line: UTF-8 stays, a byte that is none becomes U+FFFD, and control characters
/// become escapes, so that a name cannot move the cursor, forge a second line or colour a terminal.
package func displayText(of bytes: some Sequence<UInt8>) -> String {
  var text = ""
  for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
    if scalar == "\\" {
      text += "\\\\"
    } else if let escape = escape(scalar) {
      text += escape
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
  return text
}

/// A sentence for people that holds names already shown: the same, but a backslash stays, which is that of an escape.
package func harmlessText(of sentence: String) -> String {
  guard sentence.unicodeScalars.contains(where: { escape($0) != nil }) else { return sentence }
  return sentence.unicodeScalars.reduce(into: "") { text, scalar in
    if let escape = escape(scalar) { text += escape } else { text.unicodeScalars.append(scalar) }
  }
}

/// What a scalar is shown as that must not get to a terminal.
private func escape(_ scalar: Unicode.Scalar) -> String? {
  switch scalar {
  case "\n": "\\n"
  case "\t": "\\t"
  case "\r": "\\r"
  // Line and paragraph separators, and what turns the direction of the text around.
  case "\u{61c}", "\u{200e}", "\u{200f}", "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}":
    "\\u{\(String(scalar.value, radix: 16))}"
  case "\0"..."\u{1f}", "\u{7f}"..."\u{9f}": "\\x" + hexadecimal(UInt8(truncatingIfNeeded: scalar.value))
  default: nil
  }
}

/// Lower-case hexadecimal, two digits a byte.
package func hexadecimal(_ byte: UInt8) -> String {
  let digits: [Character] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"]
  return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
}

package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.reduce(into: "") { $0 += hexadecimal($1) }
}

/// A message of a library as it stands after `lbud: error:`: a small first letter, no full stop.
package func clause(_ message: String) -> String {
  let text = message.hasSuffix(".") ? String(message.dropLast()) : message
  guard let first = text.first, text.dropFirst().first?.isLowercase ?? false else { return text }
  return first.lowercased() + text.dropFirst()
}
