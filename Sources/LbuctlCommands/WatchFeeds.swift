import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// The events of lbud, as they come.
final class EventFeed {
  private static let method = "io.lbud.Monitor"
  private let client: VarlinkClient

  /// - Throws: `Failure`.
  init(_ connection: Connection, limit: Int? = nil) throws(Failure) {
    client = try connection.open()
    do {
      try client.begin(Self.method, MonitorCall(limit: limit), more: true)
    } catch {
      throw Failure(error)
    }
  }

  var source: Wakeup.Source { (client.descriptor ?? -1, Int16(POLLIN)) }

  /// Takes what has come, and waits only where nothing has. Gives each event to `each`, after the last one an error.
  /// - Throws: `Failure`, and what `each` throws.
  func take(_ each: (EventReport) throws -> Void) throws {
    do throws(ClientError) { try client.receiveSome() } catch { throw Failure(watching: error) }
    while let event = try next() {
      try each(event)
      if event.kind == .ending { throw Failure(watching: nil) }
    }
  }

  private func next() throws(Failure) -> EventReport? {
    do {
      return try client.nextAnswer(of: Self.method, as: MonitorReply.self)?.value.event
    } catch {
      throw Failure(error)
    }
  }
}

/// How things stand, asked for again and again, but not waited for: lbud may be busy. That it does not answer any more is no
/// error: so it is before it ends, and what it still does the events tell.
final class StatusFeed {
  private static let method = "io.lbud.Status"
  /// Nobody reads faster.
  private static let pause: Int64 = 250_000_000

  private let connection: Connection
  /// Nil once the connection is gone.
  private var client: VarlinkClient?
  private var isAsked = false
  private var isWanted = false
  private var earliest = Instant(nanoseconds: 0)
  /// How many changes are wanted.
  private var limit: Int

  /// - Throws: `Failure`.
  init(_ connection: Connection, limit: Int) throws(Failure) {
    self.connection = connection
    client = try connection.open()
    self.limit = limit
  }

  /// The first one, waited for.
  /// - Throws: `Failure`.
  static func first(_ connection: Connection, limit: Int) throws(Failure) -> StatusReply {
    try connection.call(method, StatusCall(limit: limit))
  }

  var source: Wakeup.Source { (client?.descriptor ?? -1, Int16(POLLIN)) }

  /// What it has to say is otherwise by now.
  func want(limit: Int) {
    self.limit = limit
    isWanted = true
  }

  /// When to call `askIfDue`; nil while there is nothing to ask.
  var due: Instant? { isWanted && !isAsked ? earliest : nil }

  /// - Throws: `Failure`.
  func askIfDue(_ now: Instant) throws(Failure) {
    guard let due, due <= now else { return }
    isWanted = false
    earliest = Instant(nanoseconds: now.nanoseconds + Self.pause)
    if client == nil { client = try? connection.open() }
    guard let client else { return }
    isAsked =
      try unlessEnding { () throws(ClientError) in
        try client.begin(Self.method, StatusCall(limit: limit))
        return true
      } ?? false
  }

  /// Takes what has come.
  /// - Returns: nil where that is no whole answer.
  /// - Throws: `Failure`.
  func take() throws(Failure) -> StatusReply? {
    guard let client else { return nil }
    let reply = try unlessEnding { () throws(ClientError) -> StatusReply? in
      try client.receiveSome()
      return try client.nextAnswer(of: Self.method, as: StatusReply.self)?.value
    }
    if reply != nil { isAsked = false }
    return reply
  }

  private func unlessEnding<T>(_ body: () throws(ClientError) -> T?) throws(Failure) -> T? {
    do {
      return try body()
    } catch {
      switch error {
      case .lost, .remote: break
      default: throw Failure(error)
      }
      client = nil
      isAsked = false
      return nil
    }
  }
}

extension Failure {
  /// - Parameter error: nil where lbud has said that it ends.
  fileprivate init(watching error: ClientError?) {
    let hint = "start it, and watch again"
    switch error {
    case nil: self.init(.noDaemon, "lbud has ended", hint: hint)
    case .lost?: self.init(.noDaemon, "lost the connection to lbud", hint: hint)
    case let error?: self.init(error)
    }
  }
}
