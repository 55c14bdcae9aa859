import LbudCore
import LbudSystem

/// What the screen shows, and what has to be written so that it shows something else: only the lines that differ, so that
/// nothing flickers and a tick costs a few bytes.
struct WatchFrame {
  let hasColours: Bool
  private var shown: [WatchLine] = []
  private var size = TerminalScreen.Size(rows: 0, columns: 0)

  init(hasColours: Bool) { self.hasColours = hasColours }

  /// The screen was cleared.
  mutating func forget() { shown = [] }

  /// - Parameter lines: as many as there are rows, none too long.
  mutating func change(to lines: [WatchLine], _ size: TerminalScreen.Size) -> String {
    var text = ""
    if size != self.size {
      text = "\u{1b}[2J"
      shown = []
      self.size = size
    }
    for (row, line) in lines.enumerated() where row >= shown.count ? line.text != "" : shown[row] != line {
      text += "\u{1b}[\(row + 1);1H" + inked(line)
      // Behind the last column the cursor stays on it, and what it stands on would be erased.
      if displayWidth(of: line.text) < size.columns { text += "\u{1b}[K" }
    }
    shown = lines
    return text
  }

  private func inked(_ line: WatchLine) -> String {
    let code = hasColours ? line.style.code : ""
    return code == "" ? line.text : "\u{1b}[\(code)m\(line.text)\u{1b}[0m"
  }
}
