import Glibc
import LbudCore

/// Asks whoever sits at the terminal for a password, which is not shown.
enum PasswordPrompt {
  /// - Parameter isNew: whether it is asked for twice.
  /// - Returns: nil where there is no terminal.
  /// - Throws: `LbuFailure` where none is given, or the two differ.
  static func ask(isNew: Bool) throws(LbuFailure) -> Secret? {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    let first = read("the password of the snapshot: ", terminal)
    guard !first.isEmpty else { throw LbuFailure("no password is given, and nothing is done") }
    if isNew, read("the same once more: ", terminal) != first {
      throw LbuFailure("the passwords differ, and nothing is done", hint: "try again")
    }
    return Secret(first)
  }

  private static func read(_ prompt: String, _ terminal: Int32) -> [UInt8] {
    var former = termios()
    guard tcgetattr(terminal, &former) == 0 else { return [] }
    var silent = former
    silent.c_lflag &= ~tcflag_t(ECHO)
    // A signal ends lbu, and the terminal must not stay silent: until then none comes through.
    var (blocked, before) = (sigset_t(), sigset_t())
    sigemptyset(&blocked)
    for number in [SIGINT, SIGTERM, SIGTSTP, SIGQUIT, SIGHUP] { sigaddset(&blocked, number) }
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    silent.c_lflag &= ~tcflag_t(ISIG)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer {
      tcsetattr(terminal, TCSAFLUSH, &former)
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    put(prompt, terminal)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while Glibc.read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      // Ctrl-C and Ctrl-D give up.
      if byte == 3 || byte == 4 { line = [] }
      if byte == 3 || byte == 4 { break }
      line.append(byte)
    }
    put("\n", terminal)
    return line
  }

  private static func put(_ text: String, _ terminal: Int32) {
    let bytes = Array(text.utf8)
    _ = write(terminal, bytes, bytes.count)
  }
}
