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
    let fields = try KeptFields(bytes, last: "message")
    let format: Int = try fields.number("format")
    let (made, until): (Int64, Int64) = (try fields.number("made"), try fields.number("until"))
    let (seconds, overflow) = until.subtractingReportingOverflow(made)
    guard format == Self.version, let boot = fields.text("boot"), let reboot = fields.text("reboot"),
      let back = fields.all("back").first, !back.isEmpty, !fields.all("awaiting").isEmpty,
      Self.times.contains(made), !overflow, (0...DurationText.longest).contains(seconds)
    else { throw Unreadable() }
    self.init(
      awaiting: fields.all("awaiting").map { String(decoding: $0, as: UTF8.self) }, back: back,
      reboots: reboot == "yes", made: made, seconds: Seconds(seconds), now: Instant(nanoseconds: 0), boot: boot,
      uid: try fields.number("uid"), user: fields.text("user"), message: fields.text("message"))
    deadline = Instant(nanoseconds: try fields.number("deadline"))
    serial = try fields.number("serial")
    remaining = try fields.number(ifAny: "remaining")
    guard serial < .max else { throw Unreadable() }
  }
}
