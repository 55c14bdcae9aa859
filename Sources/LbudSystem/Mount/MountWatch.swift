import LbudCore
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The mount table, read again only when the kernel says that it has changed (proc_pid_mounts(5): poll(2) tells by
/// POLLPRI).
package final class MountWatch: Sendable {
  /// For poll(2), with POLLPRI; -1 without /proc.
  package let rawDescriptor: Int32
  private let known = Mutex<MountTable?>(nil)

  package init() {
    rawDescriptor = systemOpen("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
  }

  deinit { if rawDescriptor >= 0 { close(rawDescriptor) } }

  /// What is mounted now; nil where that cannot be told, for want of /proc.
  package func table() -> MountTable? {
    guard rawDescriptor >= 0 else { return nil }
    return known.withLock { known in
      // Asked before it is read: what is mounted in between is seen next time.
      let hasChanged = hasChanged()
      if known == nil || hasChanged { known = read() }
      return known
    }
  }

  private func hasChanged() -> Bool {
    var polled = pollfd(fd: rawDescriptor, events: Int16(POLLPRI), revents: 0)
    return poll(&polled, 1, 0) > 0
  }

  private func read() -> MountTable? {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { chunk.deallocate() }
    // From its beginning each time, and to its end: the kernel gives at most a page at once.
    guard lseek(rawDescriptor, 0, SEEK_SET) == 0 else { return nil }
    var content: [UInt8] = []
    while true {
      let count = systemRead(rawDescriptor, chunk)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return MountTable(parsing: content) }
      content.append(contentsOf: chunk[..<count])
    }
  }
}
