import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reading a file so that what was read is a state it really had.
///
/// A write moves the ctime, if only the file system's clock has moved since the ctime before. So the reading begins
/// only when that clock is past the ctime, and is good when the ctime is the same afterwards (git's racy timestamps).
final class StableReading {
  private let file: Descriptor
  private let path: BytePath
  let status: FileStatus

  private init(file: consuming Descriptor, path: BytePath, status: FileStatus) {
    self.file = file
    self.path = path
    self.status = status
  }

  /// - Returns: nil where the file has gone, or is no regular file any more.
  /// - Throws: `FileError`.
  static func begin(
    _ name: [UInt8], in directory: borrowing Descriptor, path: BytePath
  ) throws(FileError) -> StableReading? {
    let file: Descriptor
    do {
      file = try directory.openFile(name, path: path)
    } catch let error where error.code == ENOENT || error.code == ELOOP || error.code == ENXIO {
      return nil
    }
    let status = try settledStatus(file, path)
    return status.kind == .file ? StableReading(file: file, path: path, status: status) : nil
  }

  /// Waits until a further write would show: a tick at most. A ctime in the future (the clock was set back) is not
  /// waited for.
  private static func settledStatus(_ file: borrowing Descriptor, _ path: BytePath) throws(FileError) -> FileStatus {
    var status = try file.status(path: "/" + path.display)
    for _ in 0..<5 {
      if !status.changed.isSoonAfter(SystemClock.fileStamp()) { break }
      usleep(2_500)
      status = try file.status(path: "/" + path.display)
    }
    return status
  }

  /// - Throws: `FileError`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    try file.read(into: buffer, path: "/" + path.display)
  }

  /// Whether nothing has been written since the beginning.
  /// - Throws: `FileError`.
  func isUnchanged() throws(FileError) -> Bool {
    try file.status(path: "/" + path.display).signature == status.signature
  }

  /// The whole content.
  /// - Returns: nil where it changed meanwhile, or has outgrown the limit.
  /// - Throws: `FileError`.
  func readWhole(limit: UInt64, acceptingChange: Bool) throws(FileError) -> [UInt8]? {
    var content: [UInt8] = []
    content.reserveCapacity(Int(min(status.size, limit)) + 1)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { chunk.deallocate() }
    while content.count <= limit {
      let count = try read(into: chunk)
      if count == 0 {
        let isGood = try acceptingChange ? true : isUnchanged()
        return isGood ? content : nil
      }
      content.append(contentsOf: chunk[..<count])
    }
    return acceptingChange ? Array(content.prefix(Int(limit))) : nil
  }
}
