/// How long something lasts, as people write it.
package enum DurationText {
  /// Reads `90` and `90s` (seconds), `10m`, `2h`, `1d`, and such in a row: `1h30m`.
  /// - Returns: nil where it is none, or is nothing, or has more seconds than a year.
  package static func seconds(_ text: String) -> Seconds? {
    var total: Int64 = 0
    var number: Int64?
    for byte in text.utf8 {
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        guard (number ?? 0) <= longest else { return nil }
        number = (number ?? 0) * 10 + Int64(byte - UInt8(ascii: "0"))
        continue
      }
      guard let count = number, let unit = unit(byte), count <= longest else { return nil }
      total += count * unit
      number = nil
    }
    // A number alone is seconds; behind units it would be anybody's guess.
    if let number {
      guard total == 0 else { return nil }
      total = number
    }
    return total > 0 && total <= longest ? Seconds(total) : nil
  }

  /// A year.
  package static let longest: Int64 = 31_536_000

  private static func unit(_ letter: UInt8) -> Int64? {
    switch letter {
    case UInt8(ascii: "s"): 1
    case UInt8(ascii: "m"): 60
    case UInt8(ascii: "h"): 3600
    case UInt8(ascii: "d"): 86_400
    default: nil
    }
  }
}
