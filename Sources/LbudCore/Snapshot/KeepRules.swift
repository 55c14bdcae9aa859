/// `LBUD_KEEP`: which old snapshots stay.
package struct KeepRules: Hashable, Sendable {
  /// How many of the newest.
  package var last = 0
  /// Of how many days, weeks, months and years that have any the newest one each.
  package var daily = 0
  package var weekly = 0
  package var monthly = 0
  package var yearly = 0

  package init() {}

  private static var fields: [(name: String, field: WritableKeyPath<KeepRules, Int>)] {
    [("last", \.last), ("daily", \.daily), ("weekly", \.weekly), ("monthly", \.monthly), ("yearly", \.yearly)]
  }

  /// Reads `last=5 daily=7`, in any order.
  /// - Returns: nil for anything else, for a rule that comes twice, and for rules that would keep nothing.
  package init?(_ text: String) {
    var seen: Set<String> = []
    for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
      let parts = word.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let field = Self.fields.first(where: { $0.name == parts[0] }),
        seen.insert(field.name).inserted, let count = Int(parts[1]), (0...100_000).contains(count),
        parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      else { return nil }
      self[keyPath: field.field] = count
    }
    guard Self.fields.contains(where: { self[keyPath: $0.field] > 0 }) else { return nil }
  }

  /// As lbu.conf would have it, without what keeps nothing.
  package var text: String {
    Self.fields.filter { self[keyPath: $0.field] > 0 }.map { "\($0.name)=\(self[keyPath: $0.field])" }
      .joined(separator: " ")
  }
}
