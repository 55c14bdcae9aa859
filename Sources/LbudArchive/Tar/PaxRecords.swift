/// What a pax extended header says about the entry after it (POSIX.1-2017, pax, "pax Extended Header": lines of
/// `LENGTH KEY=VALUE`, the length counting the whole line).
struct PaxRecords {
  var path: [UInt8]?
  var linkPath: [UInt8]?
  var size: Int64?
  var uid: Int64?
  var gid: Int64?
  /// Whole seconds, rounded down as `stat(2)` splits a time.
  var modificationTime: Int64?
  /// GNU tar stores sparse files under pax as ordinary ones with a map in front of the data.
  var isSparse = false

  init() {}

  init(_ body: [UInt8]) throws(TarBlock.Problem) {
    var rest = body[...]
    while !rest.isEmpty {
      let line = try Self.takeLine(from: &rest)
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else {
        throw TarBlock.Problem(reason: "a pax header has a record without =")
      }
      try set(String(decoding: line[..<equals], as: UTF8.self), to: line[(equals + 1)...])
    }
  }

  /// The line without its length and newline.
  private static func takeLine(from rest: inout ArraySlice<UInt8>) throws(TarBlock.Problem) -> ArraySlice<UInt8> {
    let malformed = TarBlock.Problem(reason: "a pax header has a record of a wrong length")
    guard let space = rest.prefix(8).firstIndex(of: UInt8(ascii: " ")),
      let length = decimal(rest[..<space]), length <= Int64(rest.count), length > Int64(space - rest.startIndex + 1)
    else { throw malformed }
    let end = rest.startIndex + Int(length)
    guard rest[end - 1] == UInt8(ascii: "\n") else { throw malformed }
    defer { rest = rest[end...] }
    return rest[(space + 1)..<(end - 1)]
  }

  /// An empty value takes the record back: the header's own field holds (POSIX).
  private mutating func set(_ key: String, to value: ArraySlice<UInt8>) throws(TarBlock.Problem) {
    switch key {
    case "path": path = value.isEmpty ? nil : Array(value)
    case "linkpath": linkPath = value.isEmpty ? nil : Array(value)
    case "size": size = try Self.number(value, key: key)
    case "uid": uid = try Self.number(value, key: key)
    case "gid": gid = try Self.number(value, key: key)
    case "mtime": modificationTime = try Self.time(value, key: key)
    default: if key.hasPrefix("GNU.sparse.") { isSparse = true }
    }
  }

  private static func number(_ value: ArraySlice<UInt8>, key: String) throws(TarBlock.Problem) -> Int64? {
    if value.isEmpty { return nil }
    guard let number = decimal(value) else { throw TarBlock.Problem(reason: "the pax record \(key) is not a number") }
    return number
  }

  private static func time(_ value: ArraySlice<UInt8>, key: String) throws(TarBlock.Problem) -> Int64? {
    let isNegative = value.first == UInt8(ascii: "-")
    let parts = value.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, let seconds = try number(isNegative ? whole.dropFirst() : whole, key: key) else {
      return nil
    }
    guard isNegative else { return seconds }
    let hasFraction = parts.count > 1 && parts[1].contains { $0 != UInt8(ascii: "0") }
    return hasFraction ? -seconds - 1 : -seconds
  }

  /// Digits only; nil where there are none, others, or more than fit.
  private static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.count <= 18 else { return nil }
    var value: Int64 = 0
    for byte in digits {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }
}
