import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What has a temporary name.
enum TemporaryEntry {
  /// Removes it with all that is in it; no symlink is followed and no mount entered.
  /// - Throws: `FileError`; no error where it is not there.
  static func remove(_ name: [UInt8], in directory: BytePath, of root: RootDirectory) throws(FileError) {
    let parent = try root.openWithoutLinks(directory)
    try remove(name, in: parent.raw, directory.appending(name))
  }

  private static func remove(_ name: [UInt8], in parent: Int32, _ path: BytePath) throws(FileError) {
    let terminated = cString(name)
    if unlinkat(parent, terminated, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw FileError("remove", path) }
    // Where something is mounted: EXDEV.
    let place = Descriptor(owning: try retrying("remove", path) { clbud_open_on_mount(parent, terminated) })
    let here = place.raw
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let inner = Descriptor(owning: try retrying("open", path) { openat(here, ".", flags) })
    let raw = inner.raw
    for child in try inner.names(path: path) { try remove(child, in: raw, path.appending(child)) }
    try retrying("remove", path) { unlinkat(parent, terminated, AT_REMOVEDIR) }
  }
}
