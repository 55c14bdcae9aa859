/// Numbers in tar headers: octal digits, or GNU's base-256 where these do not suffice (GNU tar manual, "Extensions":
/// the high bit of the first byte set, the rest big-endian two's complement).
enum TarNumber {
  /// Fills `field`, whose last byte stays NUL for octal. Every `Int64` fits a field of 12 bytes, 55 bits one of 8.
  static func write(_ value: Int64, to field: Range<Int>, of block: inout [UInt8]) {
    let digits = field.count - 1
    if value >= 0, value >> (3 * Int64(digits)) == 0 {
      for digit in 0..<digits {
        block[field.upperBound - 2 - digit] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value >> (3 * digit) & 7)
      }
      block[field.upperBound - 1] = 0
    } else {
      for place in 0..<field.count {
        // Swift's shift beyond the width keeps the sign, which is what the leading bytes hold.
        block[field.upperBound - 1 - place] = UInt8(truncatingIfNeeded: value >> (8 * place))
      }
      block[field.lowerBound] = value < 0 ? 0xff : 0x80
    }
  }

  /// Nil for what is no number or does not fit. An empty field is 0, as old archives leave unused ones empty.
  static func read(_ field: UnsafeRawBufferPointer) -> Int64? {
    guard let first = field.first else { return nil }
    return first & 0x80 == 0 ? readOctal(field) : readBase256(field)
  }

  private static func readOctal(_ field: UnsafeRawBufferPointer) -> Int64? {
    let space = UInt8(ascii: " ")
    var value: Int64 = 0
    var index = 0
    while index < field.count, field[index] == space || field[index] == 0 { index += 1 }
    while index < field.count, field[index] != space, field[index] != 0 {
      let digit = field[index] &- UInt8(ascii: "0")
      guard digit < 8 else { return nil }
      value = value << 3 | Int64(digit)
      index += 1
    }
    return value
  }

  private static func readBase256(_ field: UnsafeRawBufferPointer) -> Int64? {
    var value: Int64 = field[0] & 0x40 == 0 ? Int64(field[0] & 0x3f) : Int64(field[0] & 0x3f) - 64
    for byte in field.dropFirst() {
      guard value >> 55 == 0 || value >> 55 == -1 else { return nil }
      value = value << 8 | Int64(byte)
    }
    return value
  }
}
