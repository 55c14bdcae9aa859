import Logging

/// A line of the log as fields of the journal, see systemd.journal-fields(7): each `NAME=value`, in bytes.
struct JournalFields: Equatable {
  private(set) var fields: [[UInt8]] = []

  init(_ event: LogEvent, label: String, metadata: Logger.Metadata) {
    add("MESSAGE", event.message.description)
    add("PRIORITY", String(Self.priority(event.level)))
    add("SYSLOG_IDENTIFIER", label)
    add("CODE_FILE", event.file)
    add("CODE_LINE", String(event.line))
    add("CODE_FUNC", event.function)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { add(Self.name(of: key), value.description) }
  }

  private mutating func add(_ name: String, _ value: String) { fields.append(Array((name + "=" + value).utf8)) }

  /// As syslog(3) counts.
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// The journal takes capitals, digits and underscores, at most 64, and throws a field with another name away.
  static func name(of key: String) -> String {
    let letters = key.uppercased().unicodeScalars.map { scalar -> Character in
      ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
    }
    return "LBUD_" + String(letters.prefix(59))
  }
}
