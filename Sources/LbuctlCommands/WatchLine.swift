import LbudCore

/// A line of the screen.
struct WatchLine: Equatable {
  enum Style {
    case plain, title, strong, faint, good, notice, bad

    /// Select Graphic Rendition, ECMA-48.
    var code: String {
      switch self {
      case .plain: ""
      case .title: "7"
      case .strong: "1"
      case .faint: "2"
      case .good: "32"
      case .notice: "33"
      case .bad: "31"
      }
    }
  }

  var text: String
  var style: Style

  init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }

  /// As it fits: nothing in it can move the cursor.
  func fitted(_ columns: Int) -> WatchLine { WatchLine(harmlessText(of: text).cut(toColumns: columns), style) }

  /// In several lines, of which all but the first stand a bit to the right; the last may still be too long.
  func wrapped(_ columns: Int, most: Int) -> [WatchLine] {
    var rest = harmlessText(of: text)
    let indent = String(repeating: " ", count: rest.prefix { $0 == " " }.count + 2)
    var lines: [String] = []
    while lines.count < most - 1, let end = Self.lastBlank(of: rest, within: columns) {
      lines.append(String(rest[..<end]))
      rest = indent + rest[rest.index(after: end)...]
    }
    return (lines + [rest]).map { WatchLine($0, style) }
  }

  /// Where a line that is too long can be broken.
  private static func lastBlank(of text: String, within columns: Int) -> String.Index? {
    var width = 0
    var (blank, hasWord) = (String.Index?.none, false)
    for index in text.indices {
      if text[index] != " " { hasWord = true } else if hasWord { blank = index }
      width += displayWidth(of: String(text[index]))
      if width > columns { return blank }
    }
    return nil
  }
}
