import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Descriptor {
  /// The names in a directory, without `.` and `..`, in the order the file system gives them.
  /// - Throws: `FileError`, also where the reading ends early: part of a directory is never taken for all of it.
  package borrowing func names(path: BytePath) throws(FileError) -> [[UInt8]] {
    let raw = self.raw
    // Listing moves the offset: so a fresh one.
    let copy = try retrying("open", "/" + path.display) { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    let list = try Descriptor(owning: copy).list(path: path)
    return (0..<list.count).map { list[$0] }
  }

  /// The status of an entry of the directory, not following a symlink; nil where there is none.
  /// - Throws: `FileError`.
  package borrowing func status(of name: [UInt8], path: @autoclosure () -> BytePath) throws(FileError) -> FileStatus? {
    try status(ofTerminated: cString(name), path: path())
  }

  /// The same of a name as C has it.
  borrowing func status(
    ofTerminated name: UnsafePointer<CChar>?, path: @autoclosure () -> BytePath
  ) throws(FileError) -> FileStatus? {
    var status = stat()
    let raw = self.raw
    do {
      try retrying("look at", "/" + path().display) {
        name.map { fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) } ?? -1
      }
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
    return FileStatus(status)
  }

  /// The target of a symlink in the directory.
  /// - Throws: `FileError`.
  package borrowing func target(of name: [UInt8], path: @autoclosure () -> BytePath) throws(FileError) -> [UInt8] {
    let terminated = cString(name)
    let raw = self.raw
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let size = buffer.count
    let count = try retrying("read the link", "/" + path().display) { readlinkat(raw, terminated, &buffer, size) }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// Opens a file of the directory for reading, not following a symlink and not waiting for a fifo's writer.
  /// - Throws: `FileError`.
  package borrowing func openFile(_ name: [UInt8], path: @autoclosure () -> BytePath) throws(FileError) -> Descriptor {
    let terminated = cString(name)
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let raw = self.raw
    // Reading must not write: without O_NOATIME a scan would stamp every file. Only its owner and root may ask for it.
    var result = openat(raw, terminated, flags | clbud_o_noatime)
    if result < 0, errno == EPERM { result = openat(raw, terminated, flags) }
    guard result >= 0 else { throw FileError("open", path()) }
    return Descriptor(owning: result)
  }
}
