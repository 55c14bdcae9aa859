/// How many lines of a kind the log gets: so many in a while, and then how many more there were. A box keeps its log in
/// memory, and who is refused again and again could fill it.
package struct LineRation: Sendable {
  package enum Verdict: Equatable, Sendable {
    case write
    /// Not to be written. Where there is a time, it is the first of those: `omitted` is to be told then.
    case omit(tellAt: Instant?)
  }

  private let most: Int
  private let period: Seconds
  private var began: Instant?
  private var written = 0
  private var omitted = 0

  /// - Parameter most: lines in each `period`.
  package init(most: Int, in period: Seconds) {
    self.most = most
    self.period = period
  }

  /// Asks for one line.
  package mutating func take(at now: Instant) -> Verdict {
    let start: Instant
    if let began, now < began + period {
      start = began
    } else {
      start = now
      written = 0
    }
    began = start
    guard written >= most else {
      written += 1
      return .write
    }
    omitted += 1
    return .omit(tellAt: omitted == 1 ? start + period : nil)
  }

  /// How many were omitted since this was asked last.
  package mutating func takeOmitted() -> Int {
    defer { omitted = 0 }
    return omitted
  }
}
