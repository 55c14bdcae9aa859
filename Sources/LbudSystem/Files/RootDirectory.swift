import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The directory that lbud takes for `/`. Every path is looked up inside it, as after chroot(2).
package final class RootDirectory: Sendable {
  /// As the person who started lbud named it, for messages.
  package let path: String
  let descriptor: Descriptor

  /// - Throws: `FileError` where it is no directory that can be opened.
  package init(path: String) throws(FileError) {
    self.path = path
    let raw = try retrying("open the root directory", path) { systemOpen(path, clbud_o_path | O_DIRECTORY | O_CLOEXEC) }
    descriptor = Descriptor(owning: raw)
  }

  /// Whether it is the file system lbud itself runs in.
  package var isSystemRoot: Bool { path == "/" }

  /// Where it is for the running system, whatever way it was named; nil where that cannot be told, for want of /proc.
  var systemPath: [UInt8]? {
    let open = Descriptor(owning: systemOpen("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    return try? open.target(of: Array("\(descriptor.raw)".utf8), path: BytePath("proc/self/fd"))
  }

  /// Opens following symlinks, which lead nowhere outside the root.
  /// - Parameter bytes: a path, absolute or relative to the root.
  /// - Throws: `FileError`.
  package func open(_ bytes: [UInt8], _ flags: Int32, verb: String = "open") throws(FileError) -> Descriptor {
    let terminated = cString(bytes.isEmpty ? [UInt8(ascii: ".")] : bytes)
    let root = descriptor.raw
    let raw = try retrying(verb, displayText(of: bytes)) { clbud_open_in_root(root, terminated, flags | O_CLOEXEC) }
    return Descriptor(owning: raw)
  }

  /// Opens a directory for looking things up in it, following no symlink at all: one swapped in leads nowhere.
  /// - Throws: `FileError`.
  package func openWithoutLinks(_ path: BytePath) throws(FileError) -> Descriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    // Component by component: the whole path may be longer than PATH_MAX.
    var current = Descriptor(owning: try reopenRoot())
    for component in path.components {
      let parent = current.raw
      let name = cString(component)
      let raw = try retrying("open", "/" + path.display) { openat(parent, name, flags) }
      current = Descriptor(owning: raw)
    }
    return current
  }

  private func reopenRoot() throws(FileError) -> Int32 {
    let root = descriptor.raw
    return try retrying("open", "/") { openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  }

  /// Reads a whole small file.
  /// - Parameter limit: bytes; a larger file is an error (`EFBIG`).
  /// - Throws: `FileError`.
  package func read(_ path: BytePath, limit: Int) throws(FileError) -> [UInt8] {
    // Not blocking: somebody may have put a fifo there.
    let file = try open(path.bytes, O_RDONLY | O_NONBLOCK)
    let status = try file.status(path: "/" + path.display)
    guard status.kind == .file else { throw FileError("read", path, code: status.kind == .directory ? EISDIR : EINVAL) }
    var content: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = try file.read(into: chunk, path: "/" + path.display)
      if count == 0 { return content }
      content.append(contentsOf: chunk[..<count])
      guard content.count <= limit else { throw FileError("read", path, code: EFBIG) }
    }
  }

  /// The status of what a path leads to.
  /// - Throws: `FileError`.
  package func status(_ path: BytePath) throws(FileError) -> FileStatus {
    try open(path.bytes, clbud_o_path, verb: "look at").status(path: "/" + path.display)
  }
}
