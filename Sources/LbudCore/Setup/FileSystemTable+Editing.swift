/// The text of /etc/fstab, edited so that everything else in it stays byte for byte.
extension FileSystemTable {
  /// The line as `setup-lbu` of alpine-conf writes it: mounted by who needs it, and not to be written to by the way.
  package static func line(spec: [UInt8], point: [UInt8], type: String) -> [UInt8] {
    let fields = [encodingOctalEscapes(spec), encodingOctalEscapes(point), encodingOctalEscapes(Array(type.utf8))]
    return Array(fields.joined(separator: [UInt8(ascii: "\t")])) + Array("\tnoauto,ro 0 0".utf8)
  }

  package static func adding(_ line: [UInt8], to text: [UInt8]) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    return text + (text.isEmpty || text.last == newline ? [] : [newline]) + line + [newline]
  }

  /// Takes the option `noauto` out of the line for a point.
  /// - Returns: nil where there is no such line, or it has no such option.
  package static func removingNoauto(at point: [UInt8], in text: [UInt8]) -> [UInt8]? {
    let newline = UInt8(ascii: "\n")
    var lines = text.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let index = lines.firstIndex { FileSystemTable(parsing: $0).entry(for: point) != nil }
    guard let index else { return nil }
    let fields = lines[index].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    guard fields.count > 3 else { return nil }
    let options = fields[3].split(separator: UInt8(ascii: ","))
    let kept = options.filter { !$0.elementsEqual("noauto".utf8) }
    guard kept.count < options.count else { return nil }
    lines[index].replaceSubrange(
      fields[3].indices, with: kept.isEmpty ? Array("defaults".utf8) : Array(kept.joined(separator: ",".utf8)))
    return Array(lines.joined(separator: [newline]))
  }
}

/// A field of fstab: what would end it, or begin a comment or an escape, as a backslash and three octal digits (fstab(5)).
func encodingOctalEscapes(_ field: [UInt8]) -> [UInt8] {
  field.flatMap { byte -> [UInt8] in
    guard byte <= 0x20 || byte == 0x7f || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "#") else { return [byte] }
    let digits = String(byte, radix: 8)
    return Array("\\".utf8) + Array(repeating: UInt8(ascii: "0"), count: 3 - digits.count) + Array(digits.utf8)
  }
}
