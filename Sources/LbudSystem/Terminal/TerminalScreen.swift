import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The terminal that standard output is, as a screen to draw on. What was on it before, and its mode, are there again after
/// `leave`.
package final class TerminalScreen {
  package struct Size: Equatable, Sendable {
    package var rows: Int
    package var columns: Int

    package init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
    }
  }

  private static let output: Int32 = 1
  /// The mode before; nil while the screen is left.
  private var former: termios?

  package init() {}

  deinit { leave() }

  /// Whether standard output is a terminal, and one that understands more than lines.
  package static var isThere: Bool {
    guard isatty(output) == 1, let type = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return type != "" && type != "dumb"
  }

  /// no-color.org: set and not empty.
  package static var hasColours: Bool { getenv("NO_COLOR").map { $0.pointee == 0 } ?? true }

  /// A serial line does not know its size.
  package var size: Size {
    var (rows, columns) = (Int32(0), Int32(0))
    guard clbud_terminal_size(Self.output, &rows, &columns) == 0, rows > 0, columns > 0 else {
      return Size(rows: 24, columns: 80)
    }
    return Size(rows: Int(rows), columns: Int(columns))
  }

  /// Takes the screen; again, after something else has had it. In the background it stops the program (SIGTTOU) until it is in
  /// the foreground.
  /// - Throws: `FileError`.
  package func enter() throws(FileError) {
    var mode = termios()
    try retrying("read the mode of", "the terminal") { tcgetattr(Self.output, &mode) }
    // Taken twice, the mode is perhaps this program's own.
    if former == nil { former = mode }
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // Ctrl-S would stop the view, and with it the one who writes it.
    mode.c_iflag &= ~tcflag_t(IXON)
    withUnsafeMutableBytes(of: &mode.c_cc) {
      $0[Int(VMIN)] = 1
      $0[Int(VTIME)] = 0
    }
    let wanted = mode
    try retrying("set the mode of", "the terminal") {
      var wanted = wanted
      return tcsetattr(Self.output, TCSANOW, &wanted)
    }
    // The other screen, no cursor, no new line behind the last column; empty.
    write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J")
  }

  /// Gives the terminal back as it was.
  package func leave() {
    guard var mode = former else { return }
    former = nil
    var (background, before) = (sigset_t(), sigset_t())
    sigemptyset(&background)
    sigaddset(&background, SIGTTOU)
    pthread_sigmask(SIG_BLOCK, &background, &before)
    // Stopped by SIGSTOP, another program has the terminal and its mode by now.
    if tcgetpgrp(Self.output) == getpgrp() {
      while tcsetattr(Self.output, TCSANOW, &mode) != 0, errno == EINTR {}
    }
    // Where there is no other screen, what comes next comes below.
    write("\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[\(size.rows);1H\n\u{1b}[?1049l")
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// - Returns: false where the terminal is gone.
  @discardableResult
  package func write(_ text: String) -> Bool {
    StandardStream.write(Array(text.utf8), to: Self.output)
  }

  /// For poll(2), where somebody types; nil where standard input is no terminal.
  package static var keys: Int32? { isatty(0) == 1 ? 0 : nil }

  /// What was typed; empty where nobody will type any more.
  package static func readKeys() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = buffer.withUnsafeMutableBytes { systemRead(0, $0) }
    return count > 0 ? Array(buffer[..<count]) : []
  }
}
