/// What a service manager is told in one datagram, see sd_notify(3): lines of `NAME=VALUE`.
package struct NotifyMessage: Equatable, Sendable {
  package let text: String

  private init(_ text: String) { self.text = text }

  /// lbud answers, and has looked at everything.
  package static let ready = NotifyMessage("READY=1")
  package static let stopping = NotifyMessage("STOPPING=1")
  /// lbud is alive.
  package static let alive = NotifyMessage("WATCHDOG=1")

  /// The settings are being loaded again; `ready` tells when they are.
  /// - Parameter microseconds: of CLOCK_MONOTONIC, now.
  package static func reloading(at microseconds: UInt64) -> NotifyMessage {
    NotifyMessage("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// What lbud is doing takes longer: so many seconds from now on.
  package static func extendTimeout(seconds: UInt64) -> NotifyMessage {
    NotifyMessage("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)")
  }

  /// One line for a person. What would end the line, and so begin another message, does not get through; and it is cut
  /// to what fits: systemd takes 4,096 bytes (PIPE_BUF), and throws longer datagrams away.
  package static func status(_ line: String) -> NotifyMessage {
    var text = "STATUS="
    var room = 1024
    for scalar in line.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      let shown: Unicode.Scalar = isControl ? " " : scalar
      room -= UTF8.width(shown)
      guard room >= 0 else {
        text += "..."
        break
      }
      text.unicodeScalars.append(shown)
    }
    return NotifyMessage(text)
  }
}
