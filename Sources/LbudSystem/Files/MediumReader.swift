import CLbud

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads a file as the medium has it, and not as the page cache remembers it: what is in memory still proves nothing about
/// the medium. Where the file system takes it the reads go past the page cache (O_DIRECT); elsewhere the file's pages are
/// dropped before (posix_fadvise(2)), which those that somebody else has mapped survive.
///
/// The descriptor is somebody else's, who must keep it open for as long. What is to be written yet cannot be dropped: whoever
/// has written the file synchronizes it before.
final class MediumReader {
  private let raw: Int32
  private let path: String
  private let flags: Int32
  private var isDirect: Bool
  /// What of the file is in the buffer.
  private var window: Range<UInt64> = 0..<0
  private let buffer: UnsafeMutableRawBufferPointer

  /// Every logical block size that there is divides it (open(2), O_DIRECT).
  private static let alignment: UInt64 = 4096
  private static let size = 256 * 1024

  init(_ file: borrowing Descriptor, path: String) {
    raw = file.raw
    self.path = path
    buffer = .allocate(byteCount: Self.size, alignment: Int(Self.alignment))
    posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
    flags = fcntl(raw, F_GETFL)
    isDirect = flags >= 0 && fcntl(raw, F_SETFL, flags | clbud_o_direct) == 0
  }

  deinit {
    if isDirect { _ = fcntl(raw, F_SETFL, flags) }
    buffer.deallocate()
  }

  /// - Returns: how many bytes, at least one where the file is not at its end.
  /// - Throws: `FileError`.
  func read(at offset: UInt64, into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    if !window.contains(offset) { try fill(at: offset) }
    guard window.contains(offset) else { return 0 }
    let start = Int(offset - window.lowerBound)
    let part = buffer[start..<min(window.count, start + target.count)]
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
    return part.count
  }

  /// Reads until the buffer is full or the file ends.
  /// - Returns: bytes read.
  /// - Throws: `FileError`.
  func readAll(at offset: UInt64, into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var done = 0
    while done < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let count = try read(at: offset + UInt64(done), into: rest)
      if count == 0 { break }
      done += count
    }
    return done
  }

  private func fill(at offset: UInt64) throws(FileError) {
    let start = offset / Self.alignment * Self.alignment
    window = 0..<0
    var length = Self.size
    while true {
      do {
        let count = try retrying("read", path) { pread(raw, buffer.baseAddress, length, off_t(start)) }
        return window = start..<(start + UInt64(count))
      } catch {
        if error.code == EINVAL, isDirect {
          // It takes the flag, and no such read.
          isDirect = false
          _ = fcntl(raw, F_SETFL, flags)
        } else if error.code == EIO, length > Int(Self.alignment) {
          // Most of it may be readable.
          length = Int(Self.alignment)
        } else {
          throw error
        }
      }
    }
  }
}
