import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What is at a path now, with a file's content where that is asked for.
struct CurrentEntry {
  /// A file's without its digest.
  var fingerprint: Fingerprint
  var modified: FileTime
  /// Nil for what is no file, what was not asked for, and a file beyond the limit.
  var content: [UInt8]?
  /// Why the content cannot be read, where it was asked for.
  var trouble: FileError?

  /// Bytes of a file; 0 for everything else.
  var size: UInt64 {
    if case .file(let size, _) = fingerprint.content { return size }
    return 0
  }

  /// - Parameter limit: bytes; the content of a larger file is not read. Nil: no content is read at all.
  /// - Returns: nil where there is nothing, also if it goes meanwhile.
  /// - Throws: `FileError` where that cannot be seen.
  static func look(at path: BytePath, in root: RootDirectory, limit: UInt64?) throws(FileError) -> CurrentEntry? {
    let parent: Descriptor
    do {
      // As a snapshot is made: what lbu.list names may be reached through a symlink, which leads nowhere outside the root.
      parent = try root.open(path.parent.bytes, O_RDONLY | O_DIRECTORY)
    } catch let error where error.code == ENOENT || error.code == ENOTDIR {
      return nil
    }
    guard let status = try parent.status(of: path.name, path: path) else { return nil }
    guard status.kind == .file else { return try notFile(path, in: parent, status) }
    guard let limit else { return CurrentEntry(file: status, content: nil) }
    do {
      return try read(path, in: parent, limit: limit)
    } catch {
      var entry = CurrentEntry(file: status, content: nil)
      entry.trouble = error
      return entry
    }
  }

  private static func notFile(
    _ path: BytePath, in parent: borrowing Descriptor, _ status: FileStatus
  ) throws(FileError) -> CurrentEntry {
    let content: Fingerprint.Content =
      switch status.kind {
      case .symlink: .symlink(target: try parent.target(of: path.name, path: path))
      case .directory: .directory
      case .fifo: .fifo
      case .characterDevice: .characterDevice(major: status.deviceMajor, minor: status.deviceMinor)
      case .blockDevice: .blockDevice(major: status.deviceMajor, minor: status.deviceMinor)
      case .file, .socket: .socket
      }
    return CurrentEntry(fingerprint: status.fingerprint(content), modified: status.modified)
  }

  /// What a snapshot holds, where that is the newer side.
  init(_ saved: SnapshotContents.Entry) {
    self.init(fingerprint: saved.fingerprint, modified: FileTime(seconds: saved.modificationTime, nanoseconds: 0))
    content = saved.content
  }

  private init(fingerprint: Fingerprint, modified: FileTime) {
    self.fingerprint = fingerprint
    self.modified = modified
  }

  private init(file status: FileStatus, content: [UInt8]?) {
    let size = content.map { UInt64($0.count) } ?? status.size
    self.init(fingerprint: status.fingerprint(.file(size: size, digest: nil)), modified: status.modified)
    self.content = content
  }

  /// A state that the file really had, if it does not change all the time; then the last reading.
  private static func read(
    _ path: BytePath, in parent: borrowing Descriptor, limit: UInt64
  ) throws(FileError) -> CurrentEntry? {
    for attempt in 1...SnapshotBuilder.attempts {
      guard let reading = try StableReading.begin(path.name, in: parent, path: path) else { return nil }
      guard reading.status.size <= limit else { return CurrentEntry(file: reading.status, content: nil) }
      let isLast = attempt == SnapshotBuilder.attempts
      if let content = try reading.readWhole(limit: limit, acceptingChange: isLast) {
        return CurrentEntry(file: reading.status, content: content)
      }
    }
    return nil
  }
}
