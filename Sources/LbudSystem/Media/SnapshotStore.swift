import CLbud
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The directory on the media that holds the snapshots.
///
/// Its top has the one file that the boot loader takes; `LBUD/` has what is being written and the old ones.
package struct SnapshotStore: Sendable {
  package let root: RootDirectory
  /// As a person names it: `/media/usb`.
  package let path: String
  package let host: String
  /// Whether the path is where a medium is mounted; a directory that somebody chose is taken as it is.
  let isMountPoint: Bool
  /// How many old snapshots stay.
  package let limit: Int
  /// Whether what was written is read back before it becomes current.
  package let verifies: Bool

  /// False in tests of what vfat, which knows no links, needs.
  var mayLink = true

  /// 8.3 and upper case, so that vfat needs one directory entry for it.
  static let subdirectory = "LBUD"
  /// In that, where the first snapshot is made; see `Publisher.settleFirst`.
  static let stage = "FIRST"

  /// - Throws: `StoreError` where the settings name no place, or one that cannot be served.
  package init(root: RootDirectory, settings: Settings, host: String) throws(StoreError) {
    if let cipher = settings.encryption { throw .encryption(cipher) }
    guard let path = settings.backupDirectory ?? settings.media.map({ "/media/\($0)" }) else { throw .notConfigured() }
    self.root = root
    self.path = path
    self.host = host
    isMountPoint = settings.backupDirectory == nil
    limit = settings.backupLimit
    verifies = settings.verify
  }

  package var currentName: String { SnapshotName.current(host: host) }

  package var currentPath: String { path + "/" + currentName }

  /// Opens the directory.
  /// - Throws: `StoreError`.
  func open() throws(StoreError) -> Descriptor {
    let directory = try openDirectory()
    guard !isMountPoint || !isOnRootInMemory(directory) else { throw .onMemory(path) }
    return directory
  }

  private func openDirectory() throws(StoreError) -> Descriptor {
    do {
      return try root.open(Array(path.utf8), O_RDONLY | O_DIRECTORY)
    } catch {
      switch error.code {
      case ENOENT, ENOTDIR: throw .missing(path, error)
      default: throw .from(error, media: path)
      }
    }
  }

  /// A mount point with nothing mounted is a directory of the root in RAM.
  private func isOnRootInMemory(_ directory: borrowing Descriptor) -> Bool {
    let memory: Set<Int64> = [0x0102_1994, 0x8584_58f6]  // TMPFS_MAGIC, RAMFS_MAGIC of linux/magic.h
    guard memory.contains(clbud_file_system_type(directory.raw)) else { return false }
    var (here, top) = (stat(), stat())
    guard fstat(directory.raw, &here) == 0, fstat(root.descriptor.raw, &top) == 0 else { return false }
    return here.st_dev == top.st_dev
  }

  /// What the current snapshot looks like, so that one replaced by somebody else is noticed; nil where there is none.
  /// - Throws: `StoreError`.
  package func currentSignature() throws(StoreError) -> FileStatus.Signature? {
    let directory = try open()
    do {
      return try directory.status(of: Array(currentName.utf8), path: BytePath(currentPath))?.signature
    } catch {
      throw .from(error, media: path)
    }
  }

  /// Reads what the current snapshot holds.
  /// - Returns: nil where there is none.
  /// - Throws: `StoreError`, also for a file that is no whole snapshot.
  package func readCurrent() throws(StoreError) -> SnapshotIndex? {
    let directory = try open()
    guard let file = try openCurrent(in: directory) else { return nil }
    do {
      guard try file.status(path: currentPath).kind == .file else {
        throw StoreError.unusable(currentPath, "no regular file")
      }
      return try Self.index(of: file, path: currentPath)
    } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      throw .from(error, media: path)
    } catch {
      throw .damaged(currentPath, error)
    }
  }

  func openCurrent(in directory: borrowing Descriptor) throws(StoreError) -> Descriptor? {
    do {
      return try directory.openFile(Array(currentName.utf8), path: BytePath(currentPath))
    } catch {
      guard error.code == ENOENT else { throw .from(error, media: path) }
      return nil
    }
  }

  /// - Throws: `FileError`, `ArchiveError`.
  static func index(of file: borrowing Descriptor, path: String) throws -> SnapshotIndex {
    let status = try file.status(path: path)
    guard status.kind == .file else { throw FileError("read", path, code: status.kind == .directory ? EISDIR : EINVAL) }
    let raw = file.raw
    return try SnapshotIndex.read(fileSize: status.size) { offset, buffer in
      try retrying("read", path) { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
    }
  }

  /// Why a commit would be refused; nil where nothing speaks against it.
  package func obstacle() throws(StoreError) -> StoreError? {
    let directory = try open()
    do {
      let rivals = try rivals(in: directory)
      return rivals.isEmpty ? nil : .rivals(path, rivals.map { displayText(of: $0) }, current: currentName)
    } catch {
      throw .from(error, media: path)
    }
  }

  /// Other names in the top directory that the boot loader's glob takes.
  /// - Throws: `FileError`.
  func rivals(in directory: borrowing Descriptor) throws(FileError) -> [[UInt8]] {
    try directory.names(path: BytePath(path)).filter {
      SnapshotName.isBootable($0) && !$0.elementsEqual(currentName.utf8)
    }
  }
}
