/// How many things there are of each moment, so that the first and the last of all are known at once.
///
/// Moments come in their order nearly always, and many things share one. What goes leaves a place that counts nothing; such
/// places go as soon as they are the most.
struct InstantTally: Sendable {
  private struct Place: Sendable {
    var instant: Instant
    var count: Int
  }

  /// In the order of the moments. Nothing before `start` counts, and what stands there or last counts something.
  private var places: [Place] = []
  private var start = 0
  /// Places that count something.
  private var used = 0

  init() {}

  /// - Parameter instants: in any order.
  init(_ instants: [Instant]) { for instant in instants.sorted() { add(instant) } }

  var first: Instant? { start < places.count ? places[start].instant : nil }
  var last: Instant? { places.last?.instant }

  /// For tests: how many places are kept.
  var placeCount: Int { places.count }

  mutating func add(_ instant: Instant) {
    let index = index(of: instant)
    if index < places.count, places[index].instant == instant {
      if places[index].count == 0 { used += 1 }
      places[index].count += 1
    } else {
      places.insert(Place(instant: instant, count: 1), at: index)
      used += 1
    }
  }

  /// - Parameter instant: one that was added and not removed since.
  mutating func remove(_ instant: Instant) {
    let index = index(of: instant)
    guard index < places.count, places[index].instant == instant, places[index].count > 0 else { return }
    places[index].count -= 1
    guard places[index].count == 0 else { return }
    used -= 1
    while let last = places.last, last.count == 0 { places.removeLast() }
    start = min(start, places.count)
    while start < places.count, places[start].count == 0 { start += 1 }
    if places.count > 2 * used + Self.spare {
      places.removeAll { $0.count == 0 }
      start = 0
    }
  }

  /// Places that may be empty however few are used.
  private static let spare = 64

  /// Where a moment is, or would be.
  private func index(of instant: Instant) -> Int {
    if let last = places.last, last.instant < instant { return places.count }
    return places.indices.dropFirst(start).firstPlace { places[$0].instant < instant }
  }
}
