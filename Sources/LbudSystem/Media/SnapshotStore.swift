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
  let mount: MediaMount
  /// Which old snapshots stay, and those of them that do whatever it says: dated names, without the folder.
  package internal(set) var retention: Retention.Policy
  package var protected: Set<[UInt8]> = []
  /// Whether what was written is read back before it becomes current.
  package internal(set) var verifies: Bool
  /// Whether its path is one of the running system, and not of the root.
  package let isOutside: Bool
  let owners: RivalOwners
  /// `ENCRYPTION`: the cipher of what is to be the current snapshot; nil for one in the clear.
  package internal(set) var cipher: String?
  var decryption: Decryption
  /// Asked while snapshots are read for somebody: whether that is to end, since something cannot wait for it.
  package var isInterrupted: @Sendable () -> Bool = { false }

  /// False in tests of what vfat, which knows no links, needs.
  var mayLink = true

  /// 8.3 and upper case, so that vfat needs one directory entry for it.
  package static let subdirectory = "LBUD"
  /// How many entries of 32 bytes it has room for on FAT before it grows: more than 100 old snapshots with usual names.
  static let roomOnFAT = 512
  /// In that, where the first snapshot is made; see `Publisher.settleFirst`.
  static let stage = "FIRST"

  /// - Parameter mayBeOutside: whether the directory may be one of the running system, where the root has none of that name.
  /// - Throws: `StoreError` where the settings name no place, or one that cannot be served.
  package init(
    root: RootDirectory, settings: Settings, host: String, mayBeOutside: Bool = false
  ) throws(StoreError) {
    if let cipher = settings.encryption, !SnapshotName.isCipherName(cipher) { throw .strangeCipher(cipher) }
    let server = settings.keepsOnServer ? ServerMirror.path : nil
    guard let directory = settings.backupDirectory ?? settings.media.map({ "/media/\($0)" }) ?? server else {
      throw .notConfigured()
    }
    let place = Self.place(of: directory, root: root, mayBeOutside: mayBeOutside)
    self.root = root
    path = place.path
    isOutside = place.root !== root
    self.host = host
    mount = MediaMount(root: place.root, path: path, isMountPoint: settings.backupDirectory == nil && server == nil)
    retention = settings.retention
    verifies = settings.verify
    owners = RivalOwners(root: root, host: host)
    cipher = settings.encryption
    decryption = Decryption(password: settings.password)
  }

  /// Runs what works on the media, and says of every error what it means there.
  /// - Parameters:
  ///   - what: what could not be done, where the error does not say so itself.
  ///   - hint: what to do about such an error.
  func explaining<Result>(
    _ what: String, hint: String, _ body: () throws -> Result
  ) throws(StoreError) -> Result {
    do { return try body() } catch let error as StoreError {
      throw error
    } catch let error as FileError {
      throw .from(error, media: path)
    } catch {
      throw StoreError("\(what): \(error)", hint: hint)
    }
  }

  package var currentName: String { SnapshotName.current(host: host, cipher: cipher) }

  /// Whether a commit can copy what has not changed from the snapshot of that name, relative to the media: an encrypted one
  /// is all of one piece.
  package func canCopy(from name: String) -> Bool {
    cipher == nil && Self.cipher(of: name) == nil
  }

  package var currentPath: String { path + "/" + currentName }

  var folderPath: String { path + "/" + Self.subdirectory }

  /// Opens the directory.
  /// - Throws: `StoreError`.
  func open() throws(StoreError) -> Descriptor {
    _ = try mount.standing()
    return try mount.open()
  }

  /// What can be seen without reading a snapshot.
  /// - Throws: `StoreError`.
  package func glance() throws(StoreError) -> MediaGlance {
    var glance = MediaGlance()
    glance.isToBePutBack = mount.isLeftChanged
    if case .unmounted = try mount.standing() {
      glance.isAsleep = true
      return glance
    }
    let directory = try mount.open()
    do {
      glance.current = try signature(currentName, in: directory)
      for name in try bootable(in: directory) {
        glance.rivals[name] = try directory.status(of: name, path: BytePath(path))?.signature
      }
    } catch {
      throw .from(error, media: path)
    }
    return glance
  }

  private func signature(
    _ name: String, in directory: borrowing Descriptor
  ) throws(FileError) -> FileStatus.Signature? {
    try directory.status(of: Array(name.utf8), path: BytePath(path + "/" + name))?.signature
  }

  /// Other names in the top directory that the boot loader's glob takes.
  /// - Throws: `FileError`.
  func bootable(in directory: borrowing Descriptor) throws(FileError) -> [[UInt8]] {
    try directory.names(path: BytePath(path)).filter {
      SnapshotName.isBootable($0) && !$0.elementsEqual(currentName.utf8)
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  func openCurrent(in directory: borrowing Descriptor) throws(StoreError) -> Descriptor? {
    do {
      return try directory.openFile(Array(currentName.utf8), path: BytePath(currentPath))
    } catch {
      guard error.code == ENOENT else { throw .from(error, media: path) }
      return nil
    }
  }

  /// The current file, open, in a form that can be looked at more than once; nil where there is none.
  func sharedCurrent(in top: borrowing Descriptor) throws(StoreError) -> SharedDescriptor? {
    guard let file = try openCurrent(in: top) else { return nil }
    return SharedDescriptor(file)
  }

  /// - Parameter isQuick: whether spans are compared by their CRC-32 and not by their SHA-256.
  /// - Throws: `FileError`, `ArchiveError`.
  static func index(
    of file: borrowing Descriptor, path: String, limits: SnapshotIndex.Limits = .init(), isQuick: Bool = false
  ) throws -> SnapshotIndex {
    let status = try file.status(path: path)
    guard status.kind == .file else { throw FileError("read", path, code: status.kind == .directory ? EISDIR : EINVAL) }
    let raw = file.raw
    func read(isQuick: Bool) throws -> SnapshotIndex {
      try SnapshotIndex.read(fileSize: status.size, limits: limits, isQuick: isQuick) { offset, buffer in
        try retrying("read", path) { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
      }
    }
    do { return try read(isQuick: isQuick) } catch ArchiveError.wrongFileHash {
      // What is wrong there, or that it means nothing, the slow way tells.
      return try read(isQuick: false)
    }
  }

  /// The record alone, for which little of the file is read.
  /// - Throws: `FileError`, `ArchiveError`.
  static func record(of file: borrowing Descriptor, path: String) throws -> SnapshotRecord? {
    let status = try file.status(path: path)
    guard status.kind == .file else { return nil }
    let raw = file.raw
    return try SnapshotRecord.read(fileSize: status.size) { offset, buffer in
      try retrying("read", path) { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
    }
  }
}
