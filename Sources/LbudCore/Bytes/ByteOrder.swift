#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Below, at or above 0 as the left bytes stand before, at or behind the right ones: as memcmp(3) says it, and of two that
/// begin alike the shorter first. An array would be compared one element after the other.
package func byteOrder(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  guard let one = left.baseAddress, let other = right.baseAddress else { return left.count - right.count }
  let order = memcmp(one, other, min(left.count, right.count))
  return order != 0 ? Int(order) : left.count - right.count
}

extension Range<Int> {
  /// The first place that is not before what is looked for; the end where all are. What is there has to be in order.
  package func firstPlace(notBefore isBefore: (Int) throws -> Bool) rethrows -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if try isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
