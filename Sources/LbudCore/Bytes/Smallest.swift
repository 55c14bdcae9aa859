extension Collection where Element: Comparable {
  /// The first elements of the order, without putting all the others in order too.
  /// - Parameter limit: how many at most.
  package func smallest(_ limit: Int) -> [Element] {
    // Where many are wanted, to sort is the less work.
    guard limit < count / 8 else { return Array(sorted().prefix(limit)) }
    var found: [Element] = []
    found.reserveCapacity(limit + 1)
    for element in self {
      if found.count == limit, let last = found.last, !(element < last) { continue }
      found.insert(element, at: found.indices.firstPlace { found[$0] < element })
      if found.count > limit { found.removeLast() }
    }
    return found
  }
}
