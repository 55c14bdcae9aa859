/// What lbud keeps of itself in a file: lines of a key and a value, of which the last may have any number of lines.
struct KeptFields {
  private var values: [String: [[UInt8]]] = [:]

  /// - Parameter last: the key whose value goes on to the end.
  /// - Throws: `Unreadable`.
  init(_ bytes: [UInt8], last: String) throws(Unreadable) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let isLast = rest.starts(with: (last + "=").utf8)
      let end = isLast ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw Unreadable() }
      let key = String(decoding: line[..<equals], as: UTF8.self)
      values[key, default: []].append(Array(line[(equals + 1)...]))
      rest = rest[min(end + 1, rest.endIndex)...]
    }
  }

  /// Of a key that may come more than once.
  func all(_ key: String) -> [[UInt8]] { values[key] ?? [] }

  /// Of one that comes more than once the last.
  func text(_ key: String) -> String? { values[key]?.last.map { String(decoding: $0, as: UTF8.self) } }

  /// - Throws: `Unreadable` where it is no such number; nil where there is none of that key.
  func number<Number: FixedWidthInteger>(ifAny key: String) throws(Unreadable) -> Number? {
    guard let text = text(key) else { return nil }
    guard let number = Number(text) else { throw Unreadable() }
    return number
  }

  /// - Throws: `Unreadable` where there is none.
  func number<Number: FixedWidthInteger>(_ key: String) throws(Unreadable) -> Number {
    guard let number: Number = try number(ifAny: key) else { throw Unreadable() }
    return number
  }
}

/// What lbud has kept of itself is not as it has written it.
package struct Unreadable: Error, Equatable { package init() {} }
