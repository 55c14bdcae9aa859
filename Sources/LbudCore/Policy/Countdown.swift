/// A sentence of what happens next whose time goes on after it was said.
package struct Countdown: Equatable, Sendable {
  private let before: String
  private let after: String
  private let due: Instant

  /// - Parameter due: when what it tells of is to happen.
  /// - Returns: nil where the sentence names no time: there is nothing to count.
  package init?(_ sentence: String, due: Instant) {
    guard let lead = ["commit in ", "no commit for "].first(where: { sentence.hasPrefix($0) }) else { return nil }
    var rest = sentence.dropFirst(lead.count)[...]
    guard Self.drop(from: &rest) else { return nil }
    // "2 min 5 s" is one time.
    if rest.first == " " {
      var further = rest.dropFirst()
      if Self.drop(from: &further) { rest = further }
    }
    before = lead
    after = String(rest)
    self.due = due
  }

  /// Takes a number and its unit away, as `Policy.duration` writes them.
  private static func drop(from text: inout Substring) -> Bool {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard !number.isEmpty else { return false }
    let rest = text.dropFirst(number.count)
    guard let unit = [" s", " min", " h"].first(where: { rest.hasPrefix($0) }) else { return false }
    text = rest.dropFirst(unit.count)
    return text.first?.isLetter != true
  }

  package func sentence(at now: Instant) -> String {
    before + Policy.duration(due.seconds(since: now)) + after
  }

  /// When it reads otherwise; nil when the time is over.
  package func nextChange(after now: Instant) -> Instant? {
    let left = Int64(max(0, due.seconds(since: now).rounded(.up)))
    guard left > 0 else { return nil }
    // Hours have no seconds beside them.
    let next = left >= 7200 ? left - left % 60 - 1 : left - 1
    return Instant(nanoseconds: due.nanoseconds - next * 1_000_000_000)
  }
}
