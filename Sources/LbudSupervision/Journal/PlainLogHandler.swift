import Logging

/// Lines on standard error, without the fields that the journal gets: the message says it all.
struct PlainLogHandler: LogHandler {
  private var lines: StreamLogHandler

  init(label: String) { lines = .standardError(label: label) }

  var logLevel: Logger.Level {
    get { lines.logLevel }
    set { lines.logLevel = newValue }
  }

  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var event = event
    event.metadata = nil
    lines.log(event: event)
  }
}
