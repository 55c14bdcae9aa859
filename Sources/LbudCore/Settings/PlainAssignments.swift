/// A shell's text that does nothing but give settings values that stand there as they are: `LBU_MEDIA=usb`,
/// `LBUD_GROUP='wheel'`. Nearly every `lbu.conf` is one, and to start a shell for it would be a tenth of lbud's start.
package struct PlainAssignments {
  /// What it sets; of several values of one name the last one.
  package private(set) var values: [String: [UInt8]] = [:]

  /// Nil as soon as something in it may mean more to a shell: then only a shell knows what.
  /// - Parameter names: what may be set; any other variable may be the shell's own.
  package init?(_ text: [UInt8], names: some Collection<String>) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let assignment = Self.assignment(line) else { return nil }
      guard case .some(let (name, value)) = assignment else { continue }
      guard let name = names.first(where: { $0.utf8.elementsEqual(name) }) else { return nil }
      values[name] = Array(value)
    }
  }

  private typealias Bytes = ArraySlice<UInt8>

  /// - Returns: nil outside for what is not plain, nil inside for a line that sets nothing.
  private static func assignment(_ line: Bytes) -> (name: Bytes, value: Bytes)?? {
    let line = line.drop(while: ShellText.isBlank)
    if isNothing(line) { return isPlainComment(line) ? .some(nil) : nil }
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")), let (value, rest) = word(line[(equals + 1)...]),
      rest.first.map(ShellText.isBlank) ?? true
    else { return nil }
    let end = rest.drop(while: ShellText.isBlank)
    guard isNothing(end), isPlainComment(end) else { return nil }
    return (line[..<equals], value)
  }

  private static func isNothing(_ rest: Bytes) -> Bool { rest.isEmpty || rest.first == UInt8(ascii: "#") }

  /// A shell may go on in the next line behind a backslash; a NUL ends what some of them see.
  private static func isPlainComment(_ rest: Bytes) -> Bool {
    rest.last != UInt8(ascii: "\\") && !rest.contains(0)
  }

  /// The value at the beginning, and what is behind it.
  private static func word(_ text: Bytes) -> (value: Bytes, rest: Bytes)? {
    guard let first = text.first, first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") else {
      let value = text.prefix(while: ShellText.isPlain)
      return (value, text[value.endIndex...])
    }
    let inside = text.dropFirst()
    guard let end = inside.firstIndex(of: first) else { return nil }
    let value = inside[..<end]
    let isExpanded = first == UInt8(ascii: "\"") && value.contains { "$`\\".utf8.contains($0) }
    guard !isExpanded, value.allSatisfy({ 0x20...0x7e ~= $0 }) else { return nil }
    return (value, inside[(end + 1)...])
  }
}
