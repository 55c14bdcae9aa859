/// The clock, and what was saved last by it. Seconds since 1970.
package struct ClockFacts: Sendable {
  package var now: Int64
  /// The newest snapshot, the current one or an old one; nil where there is none.
  package var newest: (name: String, time: Int64)?

  package init(now: Int64, newest: (name: String, time: Int64)? = nil) {
    self.now = now
    self.newest = newest
  }
}

extension Check {
  /// 2026-01-01: no lbud that has this check was made before.
  static let firstMoment: Int64 = 1_767_225_600
  /// 2100-01-01: by then a FAT has run out of dates (fs/fat/misc.c, until 2107).
  static let lastMoment: Int64 = 4_102_444_800
  /// What a clock that is set by the network may be put back.
  private static let tolerance: Int64 = 120

  /// Whether the clock can be right: by a wrong one the wrong old snapshots are dropped.
  package static func clock(_ facts: ClockFacts) -> Check {
    let remedy = "set the clock (ntpd -q, or date -s), and keep it: hwclock -w"
    let now = DiffTime.utc(facts.now)
    guard facts.now >= firstMoment else {
      return failed(.clock, "the clock says \(now), which was before this lbud was made", remedy: remedy)
    }
    guard facts.now < lastMoment else { return failed(.clock, "the clock says \(now)", remedy: remedy) }
    guard let newest = facts.newest, newest.time - tolerance > facts.now else {
      return ok(.clock, "the clock says \(now), and no snapshot is newer")
    }
    return failed(
      .clock, "the clock says \(now), and \(newest.name) is of \(DiffTime.utc(newest.time)): one of them is wrong",
      remedy: "\(remedy); if it is right: remove that snapshot, or lbuctl commit if it is the current one")
  }
}
