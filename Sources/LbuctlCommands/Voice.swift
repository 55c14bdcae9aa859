import Glibc
import LbudCore
import LbudProtocol
import LbudSystem

/// How lbuctl speaks: results on stdout; errors and hints on stderr, lower case, no full stop, one line each.
enum Voice {
  /// Prints a result.
  static func say(_ line: String) { put(Array((line + "\n").utf8), to: 1) }

  /// Prints bytes as they are.
  static func say(bytes: [UInt8]) { put(bytes, to: 1) }

  static func error(_ message: String) { put(Array("lbuctl: error: \(message)\n".utf8), to: 2) }

  static func hint(_ message: String) { put(Array("lbuctl: hint: \(message)\n".utf8), to: 2) }

  /// Whether a person reads what is printed.
  static var isTerminal: Bool { isatty(1) == 1 }

  /// Prints bytes that are no result: what other programs say.
  static func aside(bytes: [UInt8]) { put(bytes, to: 2) }

  static func aside(_ line: String) { aside(bytes: Array((line + "\n").utf8)) }

  /// Prints names, one a line: to a file or a pipe as the bytes they are, on a terminal so that they cannot move the cursor.
  static func say(names: [WirePath]) {
    let isTerminal = self.isTerminal
    say(
      bytes: names.flatMap { name in
        (isTerminal ? Array(displayText(of: name.rawBytes).utf8) : name.rawBytes) + [UInt8(ascii: "\n")]
      })
  }

  /// Lines as they can be shown on a terminal.
  static func harmless(_ lines: [UInt8]) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    let shown = lines.split(separator: newline, omittingEmptySubsequences: false).map { line in
      // A tab does no harm, and a backslash is one.
      line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        .map { $0.allSatisfy { (0x20..<0x7f).contains($0) } ? Array($0) : Array(displayText(of: $0).utf8) }
        .joined(separator: [UInt8(ascii: "\t")])
    }
    return Array(shown.joined(separator: [newline]))
  }

  private static func put(_ bytes: [UInt8], to descriptor: Int32) {
    // The reader has gone (a closed pipe), or the disk is full: a result that is not delivered is a failure.
    guard StandardStream.write(bytes, to: descriptor) else { exit(1) }
  }

  /// `412 kB`, in units of a thousand.
  static func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1000: "\(bytes) B"
    case ..<1_000_000: "\((bytes + 500) / 1000) kB"
    default: "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
    }
  }

  /// `by root since 2026-11-24 22:10:01: trying a firewall`.
  static func by(_ user: String?, _ uid: Int, _ when: String, _ time: Double, _ message: String?) -> String {
    let who = user.map { displayText(of: $0.utf8) } ?? "uid \(uid)"
    let why = message.flatMap { $0.isEmpty ? nil : ": " + displayText(of: $0.utf8) } ?? ""
    return "by \(who) \(when) \(Self.time(time))\(why)"
  }

  /// `1 change`, `2 changes`.
  static func count(_ number: Int, _ what: String, _ plural: String? = nil) -> String {
    number == 1 ? "1 \(what)" : "\(number) \(plural ?? what + "s")"
  }

  /// `2026-11-24 22:10:01` in the machine's time zone.
  static func time(_ seconds: Double) -> String {
    // A damaged record may hold any number.
    var time = time_t(exactly: seconds.rounded(.down)) ?? 0
    var parts = tm()
    localtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
