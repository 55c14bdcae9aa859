import LbudCore
import Testing

/// A situation as a text tells it: a title, what the settings say, and a line for each snapshot: `keep` or `drop`, its name
/// and the reasons, the newest first; or `pass` and a name that is none of this host's old snapshots.
struct RetentionSituation: CustomTestStringConvertible, Sendable {
  var testDescription = ""
  var policy = Retention.Policy.everything
  var given: Set<[UInt8]> = []
  var protected: Set<[UInt8]> = []
  var names: [[UInt8]] = []
  var expected = ""

  init(_ text: Substring) {
    var decisions: [Substring] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      let rest = words.count > 1 ? String(words[1]) : ""
      switch words[0] {
      case "#": testDescription = rest
      case "limit": policy = Int(rest).map { .limit($0) } ?? .everything
      case "rules": policy = KeepRules(rest).map { .rules($0) } ?? .everything
      case "given": given = Set(rest.split(separator: " ").map { String($0).bytes })
      case "protected": protected = Set(rest.split(separator: " ").map { String($0).bytes })
      case "pass": names.append(rest.bytes)
      default:
        decisions.append(line)
        names.append(rest.prefix { $0 != ":" }.description.bytes)
      }
    }
    expected = decisions.joined(separator: "\n")
  }

  static func text(_ decisions: [Retention.Decision]) -> String {
    decisions.map { "\($0.isKept ? "keep" : "drop") \(displayText(of: $0.name)): \($0.words)" }
      .joined(separator: "\n")
  }
}

enum RetentionSituations {
  static let all = texts.split(separator: "\n\n").map { RetentionSituation($0) }

  private static let texts = """
    # nothing is there
    rules last=5

    # nothing is there and nothing would stay
    limit 0

    # a limit
    limit 3
    keep box.20261125080000.tar.gz: last 1 of 3
    keep box.20261124080000.tar.gz: last 2 of 3
    keep box.20261123080000.tar.gz: last 3 of 3
    drop box.20261122080000.tar.gz: beyond BACKUP_LIMIT=3
    drop box.20261121080000.tar.gz: beyond BACKUP_LIMIT=3

    # no old one is wanted
    limit 0
    drop box.20261125080000.tar.gz: beyond BACKUP_LIMIT=0
    drop box.20261124080000.tar.gz: beyond BACKUP_LIMIT=0

    # no old one is wanted, but an overlay of this box under another name has just become one
    limit 0
    given oldname.20261101000000.tar.gz
    keep oldname.20261101000000.tar.gz: the one before
    drop box.20261124080000.tar.gz: beyond BACKUP_LIMIT=0

    # what the commit has given counts
    limit 2
    given box.20261125080000.tar.gz
    keep box.20261125080000.tar.gz: the one before, last 1 of 2
    keep box.20261124080000.tar.gz: last 2 of 2
    drop box.20261123080000.tar.gz: beyond BACKUP_LIMIT=2

    # what the commit has given is dated before all others, by a clock that went back
    limit 2
    given box.19700101000005.tar.gz
    keep box.19700101000005.tar.gz: the one before, last 1 of 2
    keep box.20261124080000.tar.gz: last 2 of 2
    drop box.20261123080000.tar.gz: beyond BACKUP_LIMIT=2

    # by rules too
    rules last=1 daily=2
    given box.19700101000005.tar.gz
    keep box.19700101000005.tar.gz: the one before, last 1 of 1, daily 1970-01-01
    keep box.20261124080000.tar.gz: daily 2026-11-24
    drop box.20261123080000.tar.gz: by no rule of LBUD_KEEP="last=1 daily=2"

    # dated far ahead, by a clock that was wrong: it takes one place of each rule, and no more
    rules last=2 daily=2 yearly=2
    keep box.20991231235959.tar.gz: last 1 of 2, daily 2099-12-31, yearly 2099
    keep box.20261124080000.tar.gz: last 2 of 2, daily 2026-11-24, yearly 2026
    drop box.20261123080000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=2 yearly=2"

    # more is given than the limit has room for
    limit 1
    given box.20261125080000.tar.gz oldname.20261101000000.tar.gz
    keep box.20261125080000.tar.gz: the one before, last 1 of 1
    keep oldname.20261101000000.tar.gz: the one before
    drop box.20261124080000.tar.gz: beyond BACKUP_LIMIT=1

    # the one to go back to stays, whatever the limit
    limit 1
    protected box.20261120080000.tar.gz
    keep box.20261125080000.tar.gz: last 1 of 1
    drop box.20261124080000.tar.gz: beyond BACKUP_LIMIT=1
    keep box.20261120080000.tar.gz: to go back to

    # the one to go back to stays where none would, and whatever the rules
    limit 0
    protected box.20261120080000.tar.gz
    drop box.20261125080000.tar.gz: beyond BACKUP_LIMIT=0
    keep box.20261120080000.tar.gz: to go back to

    # the one to go back to has its place among the others
    rules last=1 monthly=1
    protected box.20261124080000.tar.gz
    keep box.20261124080000.tar.gz: to go back to, last 1 of 1, monthly 2026-11
    drop box.20261123080000.tar.gz: by no rule of LBUD_KEEP="last=1 monthly=1"

    # another host's snapshot cannot be protected, and need not be
    limit 0
    protected other.20261124080000.tar.gz
    drop box.20261123080000.tar.gz: beyond BACKUP_LIMIT=0
    pass other.20261124080000.tar.gz

    # rules that cannot be understood let nothing go
    keep box.20261125080000.tar.gz: LBUD_KEEP cannot be understood
    keep box.20251125080000.tar.gz: LBUD_KEEP cannot be understood

    # many in one day: the newest of it
    rules daily=2
    keep box.20261125235959.tar.gz: daily 2026-11-25
    drop box.20261125120000.tar.gz: by no rule of LBUD_KEEP="daily=2"
    drop box.20261125000000.tar.gz: by no rule of LBUD_KEEP="daily=2"
    keep box.20261124235959.tar.gz: daily 2026-11-24
    drop box.20261123235959.tar.gz: by no rule of LBUD_KEEP="daily=2"

    # days without a snapshot do not count
    rules daily=3
    keep box.20261125080000.tar.gz: daily 2026-11-25
    keep box.20260301080000.tar.gz: daily 2026-03-01
    keep box.20240229080000.tar.gz: daily 2024-02-29
    drop box.20231231080000.tar.gz: by no rule of LBUD_KEEP="daily=3"

    # many in one second, encrypted and not: an order by their names
    rules last=1 daily=1
    keep box.20261125080000.tar.gz.des3: last 1 of 1, daily 2026-11-25
    drop box.20261125080000.tar.gz.aes-256-cbc: by no rule of LBUD_KEEP="last=1 daily=1"
    drop box.20261125080000.tar.gz: by no rule of LBUD_KEEP="last=1 daily=1"

    # encrypted and plain ones count together
    limit 2
    keep box.20261125080000.tar.gz.aes-256-cbc: last 1 of 2
    keep box.20261124080000.tar.gz: last 2 of 2
    drop box.20261123080000.tar.gz.aes-256-cbc: beyond BACKUP_LIMIT=2

    # names that are no dated ones of this host are none of its business
    limit 0
    drop box.20261125080000.tar.gz: beyond BACKUP_LIMIT=0
    pass other.20261125080000.tar.gz
    pass box.lan.20261125080000.tar.gz
    pass mybox.20261125080000.tar.gz
    pass BOX.20261125080000.tar.gz
    pass box.apkovl.tar.gz
    pass box.apkovl.tar.gz.aes-256-cbc
    pass box.2026.tar.gz
    pass box.20261125080000.tar.gz~
    pass box.20261125080000.tar
    pass NEW.123
    pass vmlinuz

    # weeks end on Sundays, and at the turn of a year belong to the year of their Thursday
    rules weekly=3
    keep box.20260104120000.tar.gz: weekly 2026-W01
    drop box.20260101120000.tar.gz: by no rule of LBUD_KEEP="weekly=3"
    drop box.20251229120000.tar.gz: by no rule of LBUD_KEEP="weekly=3"
    keep box.20251228120000.tar.gz: weekly 2025-W52
    keep box.20251221120000.tar.gz: weekly 2025-W51
    drop box.20251214120000.tar.gz: by no rule of LBUD_KEEP="weekly=3"

    # all the rules: each keeps what it would by itself
    rules last=2 daily=3 weekly=2 monthly=3 yearly=2
    keep box.20261127110000.tar.gz: last 1 of 2, daily 2026-11-27, weekly 2026-W48, monthly 2026-11, yearly 2026
    keep box.20261127100000.tar.gz: last 2 of 2
    drop box.20261127090000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=3 weekly=2 monthly=3 yearly=2"
    keep box.20261126110000.tar.gz: daily 2026-11-26
    keep box.20261125110000.tar.gz: daily 2026-11-25
    drop box.20261124110000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=3 weekly=2 monthly=3 yearly=2"
    keep box.20261122110000.tar.gz: weekly 2026-W47
    drop box.20261115110000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=3 weekly=2 monthly=3 yearly=2"
    keep box.20261031110000.tar.gz: monthly 2026-10
    keep box.20260930110000.tar.gz: monthly 2026-09
    drop box.20260831110000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=3 weekly=2 monthly=3 yearly=2"
    keep box.20251231110000.tar.gz: yearly 2025
    drop box.20241231110000.tar.gz: by no rule of LBUD_KEEP="last=2 daily=3 weekly=2 monthly=3 yearly=2"
    """
}
