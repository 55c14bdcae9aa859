import Glibc
import LbudCore
import LbudSystem

/// The view on a terminal. Nothing is done while nothing happens; while a commit is due the countdown is drawn once a second.
final class WatchView {
  private let screen = TerminalScreen()
  private let signals: SignalQueue
  private let connection: Connection
  private var events: EventFeed
  private var standing: StatusFeed
  private var state: WatchState
  private var frame = WatchFrame(hasColours: TerminalScreen.hasColours)
  private var keys = TerminalScreen.keys
  private var size: TerminalScreen.Size

  /// Shows it until somebody leaves; the terminal is as it was then, however it ends.
  /// - Returns: the signal that ended it, if one did.
  /// - Throws: `Failure`, also when lbud ends.
  static func run(_ connection: Connection) throws -> Int32? {
    do {
      let view = try WatchView(connection)
      defer { view.screen.leave() }
      try view.screen.enter()
      return try view.show()
    } catch let error as FileError {
      throw Failure(.failed, error.description)
    }
  }

  private init(_ connection: Connection) throws {
    self.connection = connection
    size = screen.size
    // Before the first state, so that nothing is missed in between.
    events = try EventFeed(connection, limit: 0)
    standing = try StatusFeed(connection, limit: size.rows)
    state = WatchState(try StatusFeed.first(connection, limit: size.rows), now: SystemClock.now(), wall: Self.wall)
    signals = try SignalQueue([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])
  }

  private static var wall: Double { Double(SystemClock.wallNanoseconds()) / 1e9 }

  private enum End: Error {
    case quit
    case signal(Int32)
  }

  private func show() throws -> Int32? {
    do {
      while true {
        draw()
        try wait()
      }
    } catch End.quit {
      return nil
    } catch End.signal(let number) {
      return number
    }
  }

  private func draw() {
    let text = frame.change(to: state.drawn(size, now: SystemClock.now()), size)
    if text != "" { screen.write(text) }
  }

  private func wait() throws {
    let deadline = [state.nextTick(after: SystemClock.now()), standing.due].compactMap(\.self).min()
    let sources: [Wakeup.Source] = [
      (signals.rawDescriptor, Int16(POLLIN)), events.source, standing.source, (keys ?? -1, Int16(POLLIN)), (1, 0),
    ]
    let ready = Readiness.wait(until: deadline, for: sources)
    // Afterwards the connections may be others.
    if ready[0] != 0 { return try takeSignals() }
    if ready[3] != 0 { try takeKeys() }
    // The terminal is gone.
    if ready[4] & Int16(POLLERR | POLLHUP) != 0 { throw End.signal(SIGHUP) }
    if ready[1] != 0 {
      try events.take { event in
        if state.take(event, now: SystemClock.now(), wall: Self.wall) { standing.want(limit: size.rows) }
      }
    } else if ready[2] != 0, let status = try standing.take() {
      state.take(status, now: SystemClock.now(), wall: Self.wall)
    }
    try standing.askIfDue(SystemClock.now())
  }

  private func takeSignals() throws {
    while let number = signals.next() {
      switch number {
      case SIGWINCH: break
      case SIGTSTP:
        screen.leave()
        signals.yield(to: SIGTSTP)
        try goOn()
      case SIGCONT: try goOn()
      default: throw End.signal(number)
      }
    }
    guard screen.size != size else { return }
    size = screen.size
    standing.want(limit: size.rows)
  }

  /// After a pause, in which lbud has given up on a client that took nothing.
  private func goOn() throws {
    events = try EventFeed(connection, limit: 0)
    standing = try StatusFeed(connection, limit: size.rows)
    standing.want(limit: size.rows)
    state.beginAgain()
    try enter()
  }

  private func enter() throws {
    try screen.enter()
    frame.forget()
  }

  private func takeKeys() throws {
    let typed = TerminalScreen.readKeys()
    if typed.isEmpty { keys = nil }
    if typed.contains(UInt8(ascii: "q")) || typed.contains(UInt8(ascii: "Q")) { throw End.quit }
    // Ctrl-L: what somebody else has written over it goes.
    if typed.contains(12) { try enter() }
  }
}
