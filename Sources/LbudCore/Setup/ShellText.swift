/// The text of `lbu.conf`, which is shell, edited so that everything else in it stays byte for byte.
package enum ShellText {
  /// A value as a word of sh: quoted where it needs to be.
  package static func quoted(_ value: [UInt8]) -> [UInt8] {
    if !value.isEmpty, value.allSatisfy(isPlain) { return value }
    let quote = UInt8(ascii: "'")
    return [quote] + value.flatMap { $0 == quote ? Array("'\\''".utf8) : [$0] } + [quote]
  }

  /// Sets a variable.
  ///
  /// Every line that sets it is changed, since which of them counts is for sh to tell. Without one, the first that has it
  /// behind a `#` becomes one that sets it; without that too, a line is added at the end.
  package static func setting(_ name: String, to value: [UInt8], in text: [UInt8]) -> [UInt8] {
    var lines = text.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let word = quoted(value)
    let active = lines.indices.compactMap { index in
      wordRange(in: lines[index], of: name, commented: false).map { (index, $0) }
    }
    for (index, range) in active { lines[index].replaceSubrange(range, with: word) }
    if active.isEmpty {
      let spare = lines.indices.first { wordRange(in: lines[$0], of: name, commented: true) != nil }
      if let spare {
        lines[spare] = Array(name.utf8) + [UInt8(ascii: "=")] + word
      } else {
        // The last piece is what stands behind the last newline: nothing, if that ends the last line.
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        lines += [Array(name.utf8) + [UInt8(ascii: "=")] + word, []]
      }
    }
    return Array(lines.joined(separator: [newline]))
  }

  private static let newline = UInt8(ascii: "\n")

  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// What no shell takes for more than itself, outside of quotes: no tilde, no pattern.
  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_-./:,@%+=".utf8.contains(byte)
    }
  }

  /// Where the value stands in a line that does nothing but set the variable, or sets it first and goes on behind a
  /// semicolon or the like. `NAME=value program` sets it only for the program, and behind a `#` it is prose.
  private static func wordRange(in line: [UInt8], of name: String, commented: Bool) -> Range<Int>? {
    var start = line.firstIndex { !isBlank($0) } ?? line.endIndex
    if commented {
      guard start < line.endIndex, line[start] == UInt8(ascii: "#") else { return nil }
      start = line[(start + 1)...].firstIndex { !isBlank($0) } ?? line.endIndex
    }
    guard line[start...].starts(with: Array(name.utf8) + [UInt8(ascii: "=")]) else { return nil }
    start += name.utf8.count + 1
    guard let end = wordEnd(in: line, from: start) else { return nil }
    let behind = line[end...].drop(while: isBlank)
    let isOver =
      behind.isEmpty || behind.first == UInt8(ascii: "\r") || Array(";&|".utf8).contains(behind[behind.startIndex])
    let isComment = behind.first == UInt8(ascii: "#") && behind.startIndex > end
    return isOver || isComment ? start..<end : nil
  }

  /// The end of a word of sh; nil where it goes on in the next line, or holds a command, so that it is not for us to cut.
  private static func wordEnd(in line: [UInt8], from start: Int) -> Int? {
    var index = start
    var quote: UInt8?
    while index < line.count {
      let byte = line[index]
      switch (byte, quote) {
      case (UInt8(ascii: "`"), let quote) where quote != UInt8(ascii: "'"): return nil
      case (UInt8(ascii: "$"), let quote)
      where quote != UInt8(ascii: "'") && index + 1 < line.count && Array("({".utf8).contains(line[index + 1]):
        return nil
      case (UInt8(ascii: "\\"), let quote) where quote != UInt8(ascii: "'"):
        guard index + 1 < line.count else { return nil }
        index += 1
      case (UInt8(ascii: "'"), nil), (UInt8(ascii: "\""), nil): quote = byte
      case (let byte, let open?) where byte == open: quote = nil
      case (_, nil) where isBlank(byte) || Array(";&|<>()\r".utf8).contains(byte): return index
      default: break
      }
      index += 1
    }
    return quote == nil ? index : nil
  }
}
