import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// Events as lines, for a file, a pipe or a log.
struct WatchLines {
  private var step: ProgressReport.Step?

  /// Writes each event at once, until the reader leaves.
  /// - Throws: `Failure`, also when lbud ends.
  static func run(_ connection: Connection) throws {
    let feed = try EventFeed(connection)
    var lines = WatchLines()
    do {
      while true {
        // A pipe whose reader has left has an error, though nothing is written.
        let ready = Readiness.wait(until: nil, for: [feed.source, (1, 0)])
        if ready[1] & Int16(POLLERR | POLLHUP) != 0 { return }
        guard ready[0] != 0 else { continue }
        try feed.take { event in
          if connection.json { return try put(try json(event)) }
          for line in lines.lines(of: event) { try put(Array((line + "\n").utf8)) }
        }
      }
    } catch is ReaderLeft {
      return
    }
  }

  private struct ReaderLeft: Error {}

  private static func put(_ bytes: [UInt8]) throws {
    guard !StandardStream.write(bytes, to: 1) else { return }
    if errno == EPIPE { throw ReaderLeft() }
    throw Failure(.failed, "cannot write to standard output: \(errorText(errno))")
  }

  private static func json(_ event: EventReport) throws(Failure) -> [UInt8] {
    do {
      return try encodeJSON(event) + [UInt8(ascii: "\n")]
    } catch {
      throw Failure(.failed, "an event cannot be printed as JSON: \(error)")
    }
  }

  /// `TIME SENTENCE`, or a line for each path. How far a commit is, is told once a step.
  mutating func lines(of event: EventReport) -> [String] {
    let former = step
    step = event.kind == .progress ? event.progress?.step : nil
    if event.kind == .progress, let step, step == former { return [] }
    let time = Voice.time(event.time)
    return Self.sentences(of: event).map { "\(time) \($0)" }
  }

  private static func sentences(of event: EventReport) -> [String] {
    var sentences = (event.changes ?? []).map(\.line)
    if let others = event.others { sentences.append("and \(Voice.count(others, "change")) more") }
    sentences += (event.restored ?? []).map { "= \(displayText(of: $0.rawBytes))" }
    return sentences.isEmpty ? [harmlessText(of: event.sentence)] : sentences
  }
}
