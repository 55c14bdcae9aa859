/// Why a frame is refused before anybody looks at what it says.
package enum FrameError: Error, Sendable, Equatable {
  /// It is longer than `limit` bytes.
  case tooLong(limit: Int)
  /// Its objects and arrays are nested deeper than `limit`.
  case tooDeep(limit: Int)
}

extension FrameError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let limit): "the message is longer than \(limit) bytes"
    case .tooDeep(let limit): "the message is nested deeper than \(limit) levels"
    }
  }
}

/// Splits a stream of bytes into the frames of Varlink, each ended by a NUL byte.
///
/// Every byte is looked at once and moved at most twice, however small the pieces are. The decoder holds no more than
/// the limit and what was appended since the last `next()`.
package struct FrameDecoder: Sendable {
  /// What a message to the daemon may measure, the NUL not counted.
  package static let defaultLimit = 1 << 20

  private let limit: Int
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0
  private var failed = false

  package init(limit: Int = FrameDecoder.defaultLimit) {
    self.limit = limit
  }

  /// Whether part of a frame has come whose end has not. Says something only after `next()` has answered nil.
  package var isInsideFrame: Bool { start < buffer.count }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    // After an error the stream has no frames any more; keeping its bytes would defeat the limit.
    guard !failed else { return }
    // Moving fewer bytes than were consumed since the last move keeps the whole linear.
    if start > buffer.count / 2 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame without its NUL, or nil if more bytes are needed. An error stays: the stream is lost.
  package mutating func next() throws(FrameError) -> [UInt8]? {
    guard !failed else { throw .tooLong(limit: limit) }
    guard let end = buffer[scanned...].firstIndex(of: 0) else {
      scanned = buffer.count
      if buffer.count - start > limit { throw fail() }
      return nil
    }
    if end - start > limit { throw fail() }
    let frame = Array(buffer[start..<end])
    start = end + 1
    scanned = start
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
      start = 0
      scanned = 0
    }
    return frame
  }

  private mutating func fail() -> FrameError {
    failed = true
    buffer = []
    start = 0
    scanned = 0
    return .tooLong(limit: limit)
  }
}
