import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Step 1: the new file is whole on the media before anything else is touched.
extension Publisher {
  func makeDurable(
    _ temporary: NamedFile, _ written: Written
  ) throws {
    let path = temporary.path
    try flushAllocation()
    try temporary.descriptor.synchronize(path: path)
    if store.verifies {
      meter.reached(.checking)
      if let digest = written.plainDigest {
        // What the page cache holds proves nothing about the medium, and openssl goes by it.
        posix_fadvise(temporary.descriptor.raw, 0, 0, POSIX_FADV_DONTNEED)
        try verifyEncrypted(temporary, digest, path)
      } else {
        try verify(temporary, written.built, path)
      }
    }
    try makeNameDurable(temporary)
  }

  /// The last part of it, when the bytes are on the medium.
  func makeNameDurable(_ temporary: NamedFile) throws(FileError) {
    try temporary.folder.descriptor.synchronize(path: temporary.folder.path)
    try folder.synchronize(path: folderPath)
    try top.synchronize(path: store.path)
    try flushDevice()
    try checkClosing(temporary.descriptor, temporary.path)
  }

  /// NFS tells of what it could not write when a file is closed, any descriptor of it.
  private func checkClosing(_ file: borrowing Descriptor, _ path: String) throws(FileError) {
    let raw = file.raw
    let copy = try retrying("close", path) { fcntl(raw, F_DUPFD_CLOEXEC, 0) }
    try Descriptor(owning: copy).closeChecked(path: path)
  }

  /// vfat's fsync writes the name before the table of clusters. A name whose first cluster is free is what a power cut in
  /// between leaves, and to remove that is an error that turns the file system read-only (contrib/crashtest saw it). So
  /// the table goes first, while the name says of itself that the file is empty.
  func flushAllocation() throws(FileError) { try flushDevice() }

  private func verify(
    _ temporary: NamedFile, _ built: SnapshotBuilder.Built, _ path: String
  ) throws {
    do {
      let size = try temporary.descriptor.status(path: path).size
      let reader = MediumReader(temporary.descriptor, path: path)
      defer { withExtendedLifetime(temporary) {} }
      let record = try SnapshotRecord.check(fileSize: size, copied: built.copied) { offset, buffer in
        self.meter.reached(.checking, offset, of: size)
        return try reader.read(at: offset, into: buffer)
      }
      guard record == built.record else { throw StoreError.mismatch(path, "its record is another one") }
    } catch let error as ArchiveError {
      // What was copied may have been damaged before: made anew it is not.
      guard built.copied.isEmpty else { throw StoreError.baseIsAnother(store.currentPath) }
      throw StoreError.mismatch(path, "\(error)")
    }
  }
}
