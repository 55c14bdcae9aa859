import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A second file with the bytes of a first one.
extension Publisher {
  /// Copies an old snapshot, or the one that becomes one, with its date; the copy's bytes are on the medium then, its name
  /// need not be.
  /// - Parameters:
  ///   - status: of the original.
  ///   - originalPath: for messages.
  func fill(
    _ temporary: NamedFile, from original: borrowing Descriptor, _ status: FileStatus, _ originalPath: String
  ) throws {
    try copyBytes(from: original, originalPath, to: temporary)
    var times = [timespec(), timespec()]
    times[0].tv_nsec = clbud_utime_omit
    times[1].tv_sec = time_t(status.modificationTime)
    // The date is the old one's; a file system that cannot keep it loses only that.
    _ = futimens(temporary.descriptor.raw, times)
    try flushAllocation()
    try temporary.descriptor.synchronize(path: temporary.path)
    if store.verifies { try compare(original, originalPath, temporary) }
  }

  /// Reads the copy back, past the page cache: an old snapshot that is none is no way back.
  private func compare(
    _ original: borrowing Descriptor, _ originalPath: String, _ temporary: NamedFile
  ) throws {
    let path = temporary.path
    let copy = MediumReader(temporary.descriptor, path: path)
    defer { withExtendedLifetime(temporary) {} }
    let (left, right) = (
      UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096),
      UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
    )
    defer {
      left.deallocate()
      right.deallocate()
    }
    var offset: UInt64 = 0
    while true {
      let count = try original.read(at: offset, into: left, path: originalPath)
      guard try copy.readAll(at: offset, into: right) == count,
        left[..<count].elementsEqual(right[..<count])
      else { throw StoreError.mismatch(path, "the copy of the old snapshot differs from it") }
      if count == 0 { return }
      offset += UInt64(count)
    }
  }

  private func copyBytes(
    from original: borrowing Descriptor, _ originalPath: String, to temporary: NamedFile
  ) throws(FileError) {
    let path = temporary.path
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 4096)
    defer { buffer.deallocate() }
    var output = FileOutput(raw: temporary.descriptor.raw, path: path)
    var offset: UInt64 = 0
    while true {
      let count = try original.read(at: offset, into: buffer, path: originalPath)
      if count == 0 { return }
      do { try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) } catch let error as FileError {
        throw error
      } catch {
        throw FileError("write", path, code: EIO)
      }
      offset += UInt64(count)
    }
  }
}
