import CZlib

/// Unpacks a file of one or more gzip members (RFC 1952, 2.2) as a stream. zlib checks each one's CRC and length.
///
/// Zeros after the last member are passed over, as gzip does: tapes and block devices leave them.
package struct GzipReader: ~Copyable {
  package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  /// One after another the bytes of what can be read anywhere.
  /// - Parameter readAt: fills the buffer from `offset` on and returns how many bytes it put there, 0 at the end.
  static func source(
    readAt: @escaping (_ offset: UInt64, UnsafeMutableRawBufferPointer) throws -> Int
  ) -> Source {
    var offset: UInt64 = 0
    return { target in
      let count = try readAt(offset, target)
      offset += UInt64(max(0, count))
      return count
    }
  }

  private enum State {
    case beforeFirst, between, inside, unpacked, ended
  }

  /// zlib keeps a pointer back to the structure, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: OwnedBuffer
  private let source: Source
  /// Unpacks members at once that are no longer than lbud's own; nil where there are none.
  private var inflater: MemberInflater?
  private var state = State.beforeFirst
  private var isFirst = true
  /// What is wrong behind the bytes that have been delivered.
  private var failure: ArchiveError?
  private var bytesRead: UInt64

  /// `source` fills the buffer it is given and returns how many bytes it put there, 0 at the end of the file.
  /// - Parameters:
  ///   - position: where in the file the source begins, in bytes.
  ///   - isOwn: whether lbud has written it, so that its members are short ones.
  /// - Throws: `ArchiveError.zlib` if there is no memory.
  package init(startingAt position: UInt64 = 0, isOwn: Bool = false, source: @escaping Source) throws {
    self.source = source
    bytesRead = position
    inflater = isOwn ? MemberInflater() : nil
    input = OwnedBuffer(count: isOwn ? 2 * Deflater.size : OwnedBuffer.usualSize)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the window bits asks for a gzip header (zlib manual, inflateInit2). The macro is not imported: these are
    // its last two arguments.
    let code = inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw ArchiveError.zlib("inflateInit2 failed with \(code)") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Unpacks into `target`; returns how many bytes, 0 only at the end. What could be unpacked before an error is delivered
  /// before it is thrown; it need not be right.
  /// - Throws: `ArchiveError.notGzip`, `.cutGzip`, `.damagedGzip`, `.trailingGarbage`, and whatever the source throws.
  package mutating func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard !target.isEmpty else { return 0 }
    if let failure { throw failure }
    while true {
      switch state {
      case .ended: return 0
      case .beforeFirst, .between: try enterMember()
      case .inside:
        let count = try inflateSome(into: target)
        if count > 0 { return count }
      case .unpacked:
        let count = inflater?.take(into: target) ?? 0
        if count > 0 { return count }
        state = .between
      }
    }
  }

  /// Where in the file the next byte to be unpacked is.
  private var position: UInt64 { bytesRead - UInt64(stream.pointee.avail_in) }

  private mutating func enterMember() throws {
    isFirst = state == .beforeFirst
    guard let first = try peek() else {
      if isFirst { throw ArchiveError.cutGzip(at: position) }
      state = .ended
      return
    }
    if first == 0, !isFirst {
      try passZeros()
      state = .ended
      return
    }
    guard first == 0x1f else { throw isFirst ? ArchiveError.notGzip : ArchiveError.trailingGarbage(at: position) }
    if try unpackMember() { return state = .unpacked }
    let code = inflateReset(stream)
    guard code == Z_OK else { throw ArchiveError.zlib("inflateReset failed with \(code)") }
    state = .inside
  }

  /// - Returns: whether the whole member is unpacked; if not, whatever the reason, zlib will tell.
  private mutating func unpackMember() throws -> Bool {
    guard inflater != nil else { return false }
    try fill()
    let held = UnsafeRawBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    guard let taken = inflater?.unpack(held) else { return false }
    stream.pointee.next_in += taken
    stream.pointee.avail_in -= UInt32(taken)
    return true
  }

  /// Reads on until a member of lbud's is in the input as a whole, or the file ends.
  private mutating func fill() throws {
    let held = Int(stream.pointee.avail_in)
    guard held < MemberInflater.longest else { return }
    if held > 0 { input.bytes.copyMemory(from: UnsafeRawBufferPointer(start: stream.pointee.next_in, count: held)) }
    var end = held
    while end < MemberInflater.longest {
      let count = max(
        0, min(try source(UnsafeMutableRawBufferPointer(rebasing: input.bytes[end...])), input.bytes.count - end))
      if count == 0 { break }
      bytesRead += UInt64(count)
      end += count
    }
    stream.pointee.next_in = input.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(end)
  }

  private mutating func inflateSome(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard try peek() != nil else { throw ArchiveError.cutGzip(at: position) }
    let room = min(target.count, Int(UInt32.max))
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let code = inflate(stream, Z_NO_FLUSH)
    switch code {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .between
    case Z_MEM_ERROR: throw ArchiveError.zlib("no memory to unpack")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "inflate failed with \(code)"
      // What zlib says when the two magic bytes are others.
      if isFirst, reason == "incorrect header check" { throw ArchiveError.notGzip }
      let error = ArchiveError.damagedGzip(at: position, reason: reason)
      failure = error
      if room == Int(stream.pointee.avail_out) { throw error }
    }
    return room - Int(stream.pointee.avail_out)
  }

  /// The next byte of the file, read if none is there; nil at its end.
  private mutating func peek() throws -> UInt8? {
    if stream.pointee.avail_in == 0 {
      let count = max(0, min(try source(input.bytes), input.bytes.count))
      bytesRead += UInt64(count)
      stream.pointee.next_in = input.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(count)
      if count == 0 { return nil }
    }
    return stream.pointee.next_in.pointee
  }

  private mutating func passZeros() throws {
    while try peek() != nil {
      let rest = UnsafeBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
      if let index = rest.firstIndex(where: { $0 != 0 }) {
        throw ArchiveError.trailingGarbage(at: position + UInt64(index))
      }
      stream.pointee.avail_in = 0
    }
  }
}
