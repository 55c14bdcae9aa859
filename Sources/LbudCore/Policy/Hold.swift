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
  /// Whether it keeps the mixture from being saved that a restore has left which was cut off.
  package var isOfCutOff = false

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
    "held " + byWhom(user, uid, why)
  }
}

/// Whose something is, and why: `by root: trying a firewall`.
func byWhom(_ user: String?, _ uid: UInt32, _ why: String?) -> String {
  let who = user.map { displayText(of: $0.utf8) } ?? "uid \(uid)"
  guard let why, !why.isEmpty else { return "by \(who)" }
  return "by \(who): \(displayText(of: why.utf8))"
}

// MARK: Kept while the machine runs

extension Hold {
  /// The form in which it outlives the daemon. It counts until the next boot, which has another identity.
  package func kept(boot: String) -> [UInt8] {
    var lines = ["boot=\(boot)", "since=\(since)", "uid=\(uid)"]
    if let until { lines.append("until=\(until.nanoseconds)") }
    if isOfRevert { lines.append("revert=yes") }
    if isOfCutOff { lines.append("cutoff=yes") }
    if let user { lines.append("user=\(displayText(of: user.utf8))") }
    // Last, since it may have any number of lines.
    if let why { lines.append("why=\(why)") }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// Reads that form.
  /// - Returns: nothing where it is of another boot.
  /// - Throws: `Unreadable`.
  package static func restored(from bytes: [UInt8], boot: String) throws(Unreadable) -> Hold? {
    let fields = try KeptFields(bytes, last: "why")
    let (since, uid): (Int64, UInt32) = (try fields.number("since"), try fields.number("uid"))
    guard let made = fields.text("boot") else { throw Unreadable() }
    guard made == boot else { return nil }
    var hold = Hold(since: since, uid: uid, user: fields.text("user"), why: fields.text("why"))
    hold.isOfRevert = fields.text("revert") != nil
    hold.isOfCutOff = fields.text("cutoff") != nil
    hold.until = try fields.number(ifAny: "until").map { Instant(nanoseconds: $0) }
    return hold
  }
}
