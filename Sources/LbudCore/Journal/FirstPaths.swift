extension [BytePath: Change] {
  /// The paths that stand first in the order of the bytes, without putting all the others in order too.
  ///
  /// Of this very type, since it is asked for with each answer: what is generic is not made for a type in another module.
  /// - Parameter limit: how many at most.
  package func firstPaths(_ limit: Int) -> [BytePath] {
    // Where many are wanted, to sort is the less work.
    guard limit < count / 8 else { return Array(keys.sorted().prefix(limit)) }
    var found: [BytePath] = []
    found.reserveCapacity(limit + 1)
    for path in keys {
      if found.count == limit, let last = found.last, !(path < last) { continue }
      found.insert(path, at: found.indices.firstPlace { found[$0] < path })
      if found.count > limit { found.removeLast() }
    }
    return found
  }
}
