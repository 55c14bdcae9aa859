/// What the caller knows about a snapshot: when, why and by whom it was made.
package struct SnapshotFacts: Hashable, Sendable {
  package var host: String
  /// Seconds since 1970.
  package var time: Int64
  package var reason: String
  /// Who asked for it; `user` is the name, where there is one.
  package var uid: UInt32
  package var user: String?
  package var message: String?
  /// How many entries differ from the snapshot before.
  package var changedCount: Int
  /// Whether it was saved beside another box's snapshot, without becoming the one that boots.
  package var isAside = false
  /// Whether it was published only after it had been read back from the medium; nil where nothing is known of that, as in
  /// a record of an older lbud.
  package var isReadBack: Bool?

  package init(
    host: String, time: Int64, reason: String, uid: UInt32, user: String? = nil, message: String? = nil,
    changedCount: Int
  ) {
    self.host = host
    self.time = time
    self.reason = reason
    self.uid = uid
    self.user = user
    self.message = message
    self.changedCount = changedCount
  }

  /// With texts of the lengths a record has room for: the message up to 4096 bytes of UTF-8, the reason up to 1024,
  /// names up to 256. Escaped as JSON, where a control character takes six bytes, all fit the 64 KiB of an extra field.
  func cutToFit(message longest: Int = 4096) -> SnapshotFacts {
    var facts = self
    facts.host = Self.cut(host, to: 256)
    facts.reason = Self.cut(reason, to: 1024)
    facts.user = user.map { Self.cut($0, to: 256) }
    facts.message = message.map { Self.cut($0, to: longest) }
    return facts
  }

  /// Cuts between characters as people see them; inside only of a first one that is longer than all (a letter with a
  /// thousand accents).
  private static func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var whole = ""
    for character in text {
      guard whole.utf8.count + character.utf8.count <= limit else { break }
      whole.append(character)
    }
    guard whole.isEmpty else { return whole }
    for scalar in text.unicodeScalars {
      guard whole.utf8.count + UTF8.width(scalar) <= limit else { break }
      whole.unicodeScalars.append(scalar)
    }
    return whole
  }
}
