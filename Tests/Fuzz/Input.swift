/// Takes an input apart: its first bytes say what is done with the rest.
struct Input {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var bytes: [UInt8] { Array(rest) }

  /// 0 where nothing is left.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// At most so many bytes.
  mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// What stands before the first such byte, which is taken too; everything where there is none.
  mutating func upTo(_ end: UInt8) -> [UInt8] {
    let part = rest.prefix { $0 != end }
    rest = rest.dropFirst(part.count + 1)
    return Array(part)
  }

  /// The sizes of the pieces that the rest comes in: 1 to 15 of them, each from 1 to 256 bytes, used over and over.
  mutating func pieceSizes() -> [Int] {
    let count = Int(byte() & 15)
    let sizes = bytes(count).map { Int($0) + 1 }
    return sizes.isEmpty ? [.max] : sizes
  }
}

/// A text cut into pieces of these sizes, which repeat.
func pieces(of bytes: [UInt8], sizes: [Int]) -> [ArraySlice<UInt8>] {
  var rest = bytes[...]
  var pieces: [ArraySlice<UInt8>] = []
  while !rest.isEmpty {
    let piece = rest.prefix(sizes[pieces.count % sizes.count])
    pieces.append(piece)
    rest = rest.dropFirst(piece.count)
  }
  return pieces
}
