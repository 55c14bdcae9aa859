#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A descriptor with several holders; the last one's leaving closes it.
final class SharedDescriptor {
  private let descriptor: Descriptor

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

  var raw: Int32 { descriptor.raw }

  /// Opens a file only to hold it: what it occupies is not free before it is let go.
  /// - Returns: nil where it cannot be opened.
  static func opening(_ name: [UInt8], in directory: Int32) -> SharedDescriptor? {
    let raw = openat(directory, cString(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    return raw < 0 ? nil : SharedDescriptor(Descriptor(owning: raw))
  }
}

/// An open file descriptor that is closed when its owner lets go of it.
package struct Descriptor: ~Copyable, Sendable {
  package let raw: Int32

  /// Takes over a descriptor; the caller must not close it.
  package init(owning raw: Int32) { self.raw = raw }

  deinit { _ = close(raw) }

  /// Closes and tells whether that worked: a late write error is reported here, see close(2).
  /// - Throws: `FileError`.
  package consuming func closeChecked(path: String) throws(FileError) {
    let raw = self.raw
    discard self
    // Linux releases the descriptor even where close fails: it is not tried again.
    guard close(raw) == 0 || errno == EINTR else { throw FileError("close", path) }
  }

  /// Reads once; 0 at the end of the file.
  /// - Throws: `FileError`.
  package borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, path: @autoclosure () -> String
  ) throws(FileError) -> Int {
    let raw = self.raw
    return try retrying("read", path()) { systemRead(raw, buffer) }
  }

  /// Reads at an offset until the buffer is full or the file ends.
  /// - Returns: bytes read.
  package borrowing func read(
    at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, path: @autoclosure () -> String
  ) throws(FileError) -> Int {
    try Self.read(raw, at: offset, into: buffer, path: path())
  }

  /// The same, of a descriptor that somebody else owns.
  static func read(
    _ raw: Int32, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, path: @autoclosure () -> String
  ) throws(FileError) -> Int {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = try retrying("read", path()) { pread(raw, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Writes all of it, in as many calls as it takes.
  /// - Throws: `FileError`.
  borrowing func writeAll(
    _ bytes: UnsafeRawBufferPointer, path: @autoclosure () -> String
  ) throws(FileError) {
    let raw = self.raw
    var done = 0
    while done < bytes.count {
      done += try retrying("write", path()) { systemWrite(raw, UnsafeRawBufferPointer(rebasing: bytes[done...])) }
    }
  }

  /// The size in bytes of what somebody else's descriptor has open.
  /// - Throws: `FileError`.
  static func size(_ raw: Int32, path: @autoclosure () -> String = MemoryFile.path) throws(FileError) -> UInt64 {
    var status = stat()
    try retrying("look at", path()) { fstat(raw, &status) }
    return UInt64(clamping: status.st_size)
  }

  /// - Throws: `FileError`.
  package borrowing func synchronize(path: @autoclosure () -> String) throws(FileError) {
    let raw = self.raw
    try retrying("fsync", path()) { fsync(raw) }
  }

  /// - Throws: `FileError`.
  package borrowing func status(path: @autoclosure () -> String) throws(FileError) -> FileStatus {
    var status = stat()
    let raw = self.raw
    try retrying("look at", path()) { fstat(raw, &status) }
    return FileStatus(status)
  }
}
