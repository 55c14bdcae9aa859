import CZlib

/// Compresses into gzip members, one after the other, with one zlib state.
struct Deflater: ~Copyable {
  /// zlib keeps a pointer back to the structure, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer = OwnedBuffer()

  init(level: Int32) throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the window bits asks for a gzip header; zlib's has no time and no name, so equal input gives equal
    // bytes (zlib manual, deflateInit2). The macro is not imported: these are its last two arguments.
    let code = deflateInit2_(
      stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw ArchiveError.zlib("deflateInit2 failed with \(code)") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Compresses `bytes`; returns how many bytes that wrote. Much stays in zlib until the member ends.
  mutating func add(_ bytes: UnsafeRawBufferPointer, to output: inout some ArchiveOutput) throws -> UInt64 {
    var written: UInt64 = 0
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(UInt32.max)))
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: chunk.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(chunk.count)
      while stream.pointee.avail_in > 0 { written += try run(Z_NO_FLUSH, to: &output).written }
      rest = rest.dropFirst(chunk.count)
    }
    return written
  }

  /// Ends the member and makes ready for the next; returns how many bytes that wrote.
  mutating func endMember(to output: inout some ArchiveOutput) throws -> UInt64 {
    var written: UInt64 = 0
    while true {
      let step = try run(Z_FINISH, to: &output)
      written += step.written
      if step.isEnd { break }
    }
    try reset()
    return written
  }

  /// Forgets the member it is in.
  mutating func reset() throws {
    let code = deflateReset(stream)
    guard code == Z_OK else { throw ArchiveError.zlib("deflateReset failed with \(code)") }
  }

  private func run(_ flush: Int32, to output: inout some ArchiveOutput) throws -> (written: UInt64, isEnd: Bool) {
    stream.pointee.next_out = buffer.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(buffer.bytes.count)
    let code = deflate(stream, flush)
    guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
      throw ArchiveError.zlib("deflate failed with \(code)")
    }
    let count = buffer.bytes.count - Int(stream.pointee.avail_out)
    if count > 0 { try output.write(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])) }
    return (UInt64(count), code == Z_STREAM_END)
  }
}
