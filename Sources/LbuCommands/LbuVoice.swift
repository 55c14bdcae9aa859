import Glibc
import LbudSystem

/// How lbu speaks: results on standard output as lbu prints them, everything else on standard error.
enum LbuVoice {
  static func say(_ line: String) { put(Array((line + "\n").utf8), to: 1) }

  static func say(bytes: [UInt8]) { put(bytes, to: 1) }

  static func aside(_ line: String) { put(Array((line + "\n").utf8), to: 2) }

  static func aside(bytes: [UInt8]) { put(bytes, to: 2) }

  static func error(_ message: String) { aside("lbu: error: \(message)") }

  static func hint(_ message: String) { aside("lbu: hint: \(message)") }

  static func note(_ message: String) { aside("lbu: note: \(message)") }

  private static func put(_ bytes: [UInt8], to descriptor: Int32) {
    // Who does not read any more, or a full disk: a result that is not delivered is a failure.
    guard StandardStream.write(bytes, to: descriptor) else { exit(1) }
  }
}
