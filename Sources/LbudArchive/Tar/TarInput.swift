/// The reader's buffer: headers are looked at and content is hashed where the source put them.
struct TarInput: ~Copyable {
  private let source: TarReader.Source
  private let buffer = OwnedBuffer(count: 2 * OwnedBuffer.usualSize)
  /// What the source has delivered and nobody has taken yet.
  private var filled = 0..<0
  /// How many bytes have been taken.
  private(set) var position: UInt64

  init(source: @escaping TarReader.Source, startingAt position: UInt64 = 0) {
    self.source = source
    self.position = position
  }

  /// Good until the next mutating call.
  var held: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer.bytes[filled])
  }

  /// Reads on until `count` bytes are held, which the buffer must have room for; false if the input ends before.
  mutating func hold(_ count: Int) throws -> Bool {
    while filled.count < count {
      guard try refill() else { return false }
    }
    return true
  }

  /// Passes over bytes that are held.
  mutating func take(_ count: Int) {
    filled = (filled.lowerBound + count)..<filled.upperBound
    position += UInt64(count)
  }

  /// At least one byte, reading on only when nothing is held; nil at the end of the input. Good until the next call.
  mutating func takeChunk(upTo limit: Int) throws -> UnsafeRawBufferPointer? {
    if filled.isEmpty {
      guard try refill() else { return nil }
    }
    let chunk = UnsafeRawBufferPointer(rebasing: held.prefix(limit))
    take(chunk.count)
    return chunk
  }

  private mutating func refill() throws -> Bool {
    if filled.isEmpty {
      filled = 0..<0
    } else if filled.upperBound == buffer.bytes.count {
      // Only part of a header is ever moved.
      buffer.bytes.copyMemory(from: held)
      filled = 0..<filled.count
    }
    let free = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled.upperBound...])
    let count = try source(free)
    filled = filled.lowerBound..<(filled.upperBound + max(0, min(count, free.count)))
    return count > 0
  }
}
