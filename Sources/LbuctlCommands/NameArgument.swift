import ArgumentParser

/// A name on the command line, as the bytes it is. swift-argument-parser knows text only: what is no UTF-8 is carried
/// through it as code points that mean nothing else.
struct NameArgument: ExpressibleByArgument {
  let bytes: [UInt8]

  init(argument: String) { bytes = Self.decode(argument) }

  /// What is no UTF-8 becomes U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Of the last private plane of Unicode, one for each byte.
  private static let base: UInt32 = 0x10_ff00

  static func encode(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    for byte in bytes {
      let isASCII = byte < 0x80
      if let scalar = Unicode.Scalar(isASCII ? UInt32(byte) : base + UInt32(byte)) { text.append(scalar) }
    }
    return String(text)
  }

  /// Numbers of snapshots, `-1`, which swift-argument-parser takes for options, carried in the same way.
  static func hidingNumbers(_ arguments: [String]) -> [String] {
    arguments.map { argument in
      guard SnapshotArgument.isNumber(Array(argument.utf8)) else { return argument }
      var text = String.UnicodeScalarView()
      if let hyphen = Unicode.Scalar(base + UInt32(UInt8(ascii: "-"))) { text.append(hyphen) }
      text.append(contentsOf: argument.unicodeScalars.dropFirst())
      return String(text)
    }
  }

  private static func decode(_ text: String) -> [UInt8] {
    let isCarried = text.unicodeScalars.contains { (base + 1...base + 0xff).contains($0.value) }
    guard isCarried else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar in
      scalar.value > base ? [UInt8(truncatingIfNeeded: scalar.value - base)] : Array(String(scalar).utf8)
    }
  }
}
