import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An inotify instance, see inotify(7).
package struct Inotify: ~Copyable {
  private let descriptor: Descriptor
  /// Whether `/proc/self/fd` is there to name an open directory by; it is not in a bare chroot.
  private let hasDescriptorPaths: Bool

  /// The verb of the error that there is no instance.
  package static let opening = "open an inotify instance"

  /// - Throws: `FileError`; `EMFILE` means that the user has no instance left.
  package init() throws(FileError) {
    let raw = try retrying(Self.opening, "for /etc") { inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)) }
    descriptor = Descriptor(owning: raw)
    hasDescriptorPaths = access("/proc/self/fd/\(raw)", F_OK) == 0
  }

  /// For poll(2).
  package var rawDescriptor: Int32 { descriptor.raw }

  /// Watches an open directory.
  /// - Parameter path: how to reach it from the working directory, used only where `/proc` is missing. Were another
  ///   directory put in its place at this moment, its parent's watch would tell, and the directory would be looked at
  ///   again.
  /// - Returns: the watch, the same one as before if the directory had one.
  /// - Throws: `FileError`; `ENOSPC` means that `fs.inotify.max_user_watches` are in use.
  package borrowing func watch(
    _ directory: borrowing Descriptor, path: @autoclosure () -> [UInt8]
  ) throws(FileError) -> Int32 {
    let name =
      hasDescriptorPaths
      ? Array("/proc/self/fd/\(directory.raw)".utf8) : path()
    let terminated = cString(name)
    let raw = descriptor.raw
    let mask = InotifyEvent.Mask.watchDirectory.rawValue
    return try retrying("watch", displayText(of: path())) { inotify_add_watch(raw, terminated, mask) }
  }

  /// Gives a watch back. That it is gone already (its directory was removed) is no error.
  package borrowing func remove(_ watch: Int32) {
    _ = inotify_rm_watch(descriptor.raw, watch)
  }

  /// Hands over every event that was queued before the call: events are queued inside the system call that causes
  /// them, so what had happened by now has been seen when this returns.
  /// - Throws: `FileError`, `InotifyDecodingError`.
  package borrowing func drain(_ body: (InotifyEvent) -> Void) throws {
    var left = Int(clbud_readable_bytes(descriptor.raw))
    guard left >= 0 else { throw FileError("read", "the inotify queue") }
    let raw = descriptor.raw
    // Bounded by what was there at first: somebody who goes on writing cannot hold the reader here.
    while left > 0 {
      let count = try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 8) { buffer in
        let count = try retrying("read", "the inotify queue") { readQueue(raw, buffer) }
        try InotifyEvent.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
        return count
      }
      if count == 0 { break }
      left -= count
    }
  }
}

private func readQueue(_ raw: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  let count = systemRead(raw, buffer)
  // The queue lost its events between being counted and being read (a watch was removed): nothing to hand over.
  return count < 0 && errno == EAGAIN ? 0 : count
}
