/// How many columns of a terminal a text takes, as terminals count (Unicode's UAX #11): none for what is put onto the letter
/// before it, two for wide letters. A guess: fonts and terminals differ, so nothing may break where it is wrong.
package func displayWidth(of text: some StringProtocol) -> Int {
  text.unicodeScalars.reduce(0) { $0 + displayWidth(of: $1) }
}

package func displayWidth(of scalar: Unicode.Scalar) -> Int {
  if scalar.value < 0x300 { return 1 }
  if wide.contains(where: { $0.contains(scalar.value) }) { return 2 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return 1
  }
}

/// Whole blocks that are wide, but for single letters in them: EastAsianWidth.txt.
private let wide: [ClosedRange<UInt32>] = [
  0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
  0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1b000...0x1b2fb, 0x1f300...0x1f64f,
  0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
]

extension String {
  /// As much of its beginning as fits into so many columns; what is cut ends in ">".
  package func cut(toColumns columns: Int) -> String {
    var width = 0
    var kept = ""
    // What remains if it has to be cut.
    var short = kept
    for scalar in unicodeScalars {
      width += displayWidth(of: scalar)
      if width > columns { return columns > 0 ? short + ">" : "" }
      kept.unicodeScalars.append(scalar)
      if width < columns { short = kept }
    }
    return kept
  }
}
