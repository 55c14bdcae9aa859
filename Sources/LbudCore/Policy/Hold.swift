/// Somebody's word that nothing is to be committed by itself, so that a reboot brings back what was before.
package struct Hold: Equatable, Sendable {
  /// When it ends by itself; nil for not before it is released, or the machine boots.
  package var until: Instant?
  /// Seconds since 1970.
  package var since: Int64
  package var uid: UInt32
  package var user: String?
  /// Their words; may hold anything, newlines too.
  package var why: String?
  /// Whether it keeps what a revert has put in place from being replaced by itself.
  package var isOfRevert = false

  package init(until: Instant? = nil, since: Int64, uid: UInt32, user: String? = nil, why: String? = nil) {
    self.until = until
    self.since = since
    self.uid = uid
    self.user = user
    self.why = why
  }

  package func isOver(at now: Instant) -> Bool { until.map { $0 <= now } ?? false }

  /// Whose it is and why, for a person: `held by root: trying a firewall`.
  package var words: String {
    let who = user.map { displayText(of: $0.utf8) } ?? "uid \(uid)"
    guard let why, !why.isEmpty else { return "held by \(who)" }
    return "held by \(who): \(displayText(of: why.utf8))"
  }
}

// MARK: Kept while the machine runs

extension Hold {
  /// The form in which it outlives the daemon. It counts until the next boot, which has another identity.
  package func kept(boot: String) -> [UInt8] {
    var lines = ["boot=\(boot)", "since=\(since)", "uid=\(uid)"]
    if let until { lines.append("until=\(until.nanoseconds)") }
    if isOfRevert { lines.append("revert=yes") }
    if let user { lines.append("user=\(displayText(of: user.utf8))") }
    // Last, since it may have any number of lines.
    if let why { lines.append("why=\(why)") }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// Reads that form.
  /// - Returns: nothing where it is of another boot.
  /// - Throws: `Unreadable`.
  package static func restored(from bytes: [UInt8], boot: String) throws(Unreadable) -> Hold? {
    var fields: [String: String] = [:]
    var rest = bytes[...]
    while !rest.isEmpty {
      let isLast = rest.starts(with: "why=".utf8)
      let end = isLast ? rest.endIndex : rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw Unreadable() }
      fields[String(decoding: line[..<equals], as: UTF8.self)] =
        String(decoding: line[(equals + 1)...], as: UTF8.self)
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    guard let made = fields["boot"], let since = fields["since"].flatMap({ Int64($0) }),
      let uid = fields["uid"].flatMap({ UInt32($0) })
    else { throw Unreadable() }
    guard made == boot else { return nil }
    var hold = Hold(since: since, uid: uid, user: fields["user"], why: fields["why"])
    hold.isOfRevert = fields["revert"] != nil
    if let text = fields["until"] {
      guard let nanoseconds = Int64(text) else { throw Unreadable() }
      hold.until = Instant(nanoseconds: nanoseconds)
    }
    return hold
  }

  package struct Unreadable: Error, Equatable { package init() {} }
}
