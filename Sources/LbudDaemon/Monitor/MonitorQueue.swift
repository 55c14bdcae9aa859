import LbudCore
import LbudSystem

/// What a client that monitors is to be told, until it can be told: put together, so that it stays small however slow the
/// client is.
struct MonitorQueue: Sendable {
  /// Something, and when it was (nanoseconds since 1970).
  struct Item: Sendable {
    var happening: Happening
    var wall: Int64
  }

  /// Who is told nothing for so many commits is not listening.
  static let limit = 256

  /// Paths that differ otherwise than they did.
  private(set) var touched: Set<BytePath> = []
  private(set) var items: [Item] = []
  /// What the client was told last.
  private var told: MonitoredState?

  mutating func touch(_ paths: Set<BytePath>) { touched.formUnion(paths) }

  mutating func add(_ happening: Happening, wall: Int64) {
    // Where a commit stands now is all that counts of how it got there.
    switch (items.last?.happening, happening) {
    case (.progress?, .progress), (.reloaded?, .reloaded): items.removeLast()
    default: break
    }
    items.append(Item(happening: happening, wall: wall))
  }

  /// A commit has saved what was told, or was still to be: nobody has to hear of it one by one.
  mutating func saved(except isChanged: (BytePath) -> Bool) { touched = touched.filter(isChanged) }

  var isOverfull: Bool { items.count > Self.limit }

  /// Hands over what there is, and what is otherwise now than the client was told.
  mutating func take(with now: MonitoredState, wall: Int64) -> (touched: Set<BytePath>, items: [Item]) {
    let news = now.happenings(since: told).map { Item(happening: $0, wall: wall) }
    told = now
    // Nothing comes after the end.
    let end = items.firstIndex { if case .ending = $0.happening { true } else { false } } ?? items.endIndex
    defer { (touched, items) = ([], []) }
    return (touched, items[..<end] + news + items[end...])
  }
}
