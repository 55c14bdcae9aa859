/// A part of a file one after another, summed as it passes.
final class PartReader {
  private var rest: Range<UInt64>
  private let readAt: (UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  /// CRC-32 of what has passed.
  private(set) var sum: UInt32 = 0

  init(_ part: Range<UInt64>, _ readAt: @escaping (UInt64, UnsafeMutableRawBufferPointer) throws -> Int) {
    rest = part
    self.readAt = readAt
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// - Returns: how many bytes; 0 at the end of the part, and where the file ends before it.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let room = UnsafeMutableRawBufferPointer(rebasing: target.prefix(Int(clamping: rest.count)))
    guard !room.isEmpty else { return 0 }
    let count = max(0, min(try readAt(rest.lowerBound, room), room.count))
    sum = CRC32.update(sum, UnsafeRawBufferPointer(rebasing: room[..<count]))
    rest = (rest.lowerBound + UInt64(count))..<rest.upperBound
    return count
  }
}
