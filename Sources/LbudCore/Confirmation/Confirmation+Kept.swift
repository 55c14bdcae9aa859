/// The form in which it lies on the media: lines of a key and a value.
extension Confirmation {
  private static let version = 1
  /// Seconds since 1970 up to the year 9999.
  private static let times: ClosedRange<Int64> = 0...253_402_300_799

  package var kept: [UInt8] {
    var lines = [
      "format=\(Self.version)", "serial=\(serial)", "made=\(made)", "until=\(until)",
      "deadline=\(deadline.nanoseconds)",
      "boot=\(boot)", "reboot=\(reboots ? "yes" : "no")", "uid=\(uid)",
    ]
    lines += awaiting.map { "awaiting=\($0)" }
    if let remaining { lines.append("remaining=\(remaining)") }
    // No name of a user has a newline.
    if let user { lines.append("user=\(user.replacing("\n", with: ""))") }
    // The name is bytes, though none that are a newline: it was given by lbud.
    var bytes = Array(lines.joined(separator: "\n").utf8) + Array("\nback=".utf8) + back
    // Last, since it may have any number of lines.
    if let message { bytes += Array("\nmessage=\(message)".utf8) }
    return bytes
  }

  /// Reads that form.
  /// - Throws: `Unreadable`.
  package init(kept bytes: [UInt8]) throws(Unreadable) {
    var fields: [String: [[UInt8]]] = [:]
    var rest = bytes[...]
    while !rest.isEmpty {
      let isLast = rest.starts(with: "message=".utf8)
      let end = isLast ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw Unreadable() }
      fields[String(decoding: line[..<equals], as: UTF8.self), default: []].append(Array(line[(equals + 1)...]))
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    func text(_ key: String) -> String? { fields[key]?.first.map { String(decoding: $0, as: UTF8.self) } }
    func number<Number: FixedWidthInteger>(_ key: String) -> Number? { text(key).flatMap { Number($0) } }
    guard number("format") == Self.version, let serial: UInt64 = number("serial"), let made: Int64 = number("made"),
      let until: Int64 = number("until"), let deadline: Int64 = number("deadline"), let boot = text("boot"),
      let reboot = text("reboot"), let uid: UInt32 = number("uid"), let awaiting = fields["awaiting"],
      let back = fields["back"]?.first, !back.isEmpty, Self.times.contains(made), until >= made
    else { throw Unreadable() }
    let (seconds, overflow) = until.subtractingReportingOverflow(made)
    guard !overflow, serial < .max, seconds <= DurationText.longest else { throw Unreadable() }
    self.init(
      awaiting: awaiting.map { String(decoding: $0, as: UTF8.self) }, back: back, reboots: reboot == "yes", made: made,
      seconds: Seconds(seconds), now: Instant(nanoseconds: 0), boot: boot, uid: uid, user: text("user"),
      message: text("message"))
    self.deadline = Instant(nanoseconds: deadline)
    self.serial = serial
    if fields["remaining"] != nil {
      guard let remaining: Int64 = number("remaining") else { throw Unreadable() }
      self.remaining = remaining
    }
  }

  package struct Unreadable: Error, Equatable { package init() {} }
}
