import ArgumentParser
import Glibc
import LbudSystem

/// `lbuctl watch`: what happens, as it happens.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show what happens, as it happens.",
    discussion: """
      On a terminal a view of what is unsaved and what comes next, until q or Ctrl-C; else, and with --json, a line for each \
      event, until whoever reads it leaves. When lbud ends the exit code is 3.
      """)

  @OptionGroup var connection: Connection

  func run() throws {
    // Who does not read any more ends it, and not by a signal.
    signal(SIGPIPE, SIG_IGN)
    guard !connection.json, TerminalScreen.isThere else { return try WatchLines.run(connection) }
    guard let ending = try WatchView.run(connection) else { return }
    // Whoever started it, a shell in a loop, sees what ended it.
    signal(ending, SIG_DFL)
    raise(ending)
  }
}
