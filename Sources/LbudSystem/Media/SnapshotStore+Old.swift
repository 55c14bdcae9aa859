import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A snapshot that was current once, this box's or another's.
package struct OldSnapshot: Equatable, Sendable {
  package var name: [UInt8]
  /// Whether it is in `LBUD/`; lbu has its own in the top directory.
  package var isInFolder: Bool
  /// Bytes of the file.
  package var size: UInt64
  /// Seconds since 1970.
  package var modified: Int64

  /// With the folder in front.
  var relativeName: [UInt8] { SnapshotStore.relativeName(name, isInFolder: isInFolder) }
}

extension SnapshotStore {
  /// The old snapshots that the media holds, by what lbu takes for one, on media that are mounted for that if they must be.
  /// - Parameter say: takes what is worth a debug line.
  /// - Returns: sorted by the bytes of their names; of two files of one name that which a revert takes.
  /// - Throws: `StoreError`.
  package func olds(say: @escaping (String) -> Void) throws(StoreError) -> [OldSnapshot] {
    try explaining("\(path) cannot be looked at", hint: "see the log of lbud") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) { try oldsMounted() }
    }
  }

  /// The name in the media's directory.
  static func relativeName(_ name: [UInt8], isInFolder: Bool) -> [UInt8] {
    (isInFolder ? Array((subdirectory + "/").utf8) : []) + name
  }

  /// - Throws: `FileError`, `StoreError`.
  func oldsMounted() throws -> [OldSnapshot] {
    let top = try mount.open()
    var olds = try Self.olds(in: top, path, isInFolder: false)
    if let folder = try oldFolder(in: top) {
      let inTop = Set(olds.map(\.name))
      olds += try Self.olds(in: folder, folderPath, isInFolder: true).filter { !inTop.contains($0.name) }
    }
    return olds.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private static func olds(
    in directory: borrowing Descriptor, _ path: String, isInFolder: Bool
  ) throws(FileError) -> [OldSnapshot] {
    var olds: [OldSnapshot] = []
    for name in try directory.names(path: BytePath(path)) where SnapshotName.isOld(name) {
      guard let status = try directory.status(of: name, path: BytePath(path)), status.kind == .file else { continue }
      olds.append(OldSnapshot(name: name, isInFolder: isInFolder, size: status.size, modified: status.modificationTime))
    }
    return olds
  }

  /// `LBUD/`; nil where there is none. One that cannot be opened is not taken for an empty one.
  func oldFolder(in top: borrowing Descriptor) throws(FileError) -> Descriptor? {
    let raw = openat(top.raw, Self.subdirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw < 0 else { return Descriptor(owning: raw) }
    guard errno == ENOENT || errno == ENOTDIR || errno == ELOOP else { throw FileError("open", folderPath) }
    return nil
  }

  // MARK: One of them

  /// An old snapshot, open, and where it is.
  final class OldFile {
    let descriptor: Descriptor
    let name: [UInt8]
    let isInFolder: Bool
    let status: FileStatus
    /// For messages.
    let path: String

    init(_ descriptor: consuming Descriptor, _ name: [UInt8], isInFolder: Bool, _ status: FileStatus, _ path: String) {
      self.descriptor = descriptor
      self.name = name
      self.isInFolder = isInFolder
      self.status = status
      self.path = path
    }

    /// Relative to the media.
    var relative: String { displayText(of: SnapshotStore.relativeName(name, isInFolder: isInFolder)) }
  }

  /// - Parameter name: as `olds` has it: then the top directory counts before `LBUD/`; or with `LBUD/` in front.
  /// - Throws: `StoreError` where there is none of that name, or something else; `FileError`.
  func openOld(_ name: [UInt8], in top: borrowing Descriptor) throws -> OldFile {
    let prefix = Array((Self.subdirectory + "/").utf8)
    let isQualified = name.starts(with: prefix)
    let base = isQualified ? Array(name.dropFirst(prefix.count)) : name
    let asked = path + "/" + displayText(of: name)
    guard !base.isEmpty, base.count <= 255, !base.contains(UInt8(ascii: "/")), !base.contains(0) else {
      throw StoreError.noSuchOld(asked)
    }
    if !isQualified, let old = try Self.open(base, in: top, isInFolder: false, asked) { return old }
    let path = folderPath + "/" + displayText(of: base)
    guard let folder = try oldFolder(in: top), let old = try Self.open(base, in: folder, isInFolder: true, path) else {
      throw StoreError.noSuchOld(asked)
    }
    return old
  }

  private static func open(
    _ name: [UInt8], in directory: borrowing Descriptor, isInFolder: Bool, _ path: String
  ) throws -> OldFile? {
    guard let status = try directory.status(of: name, path: BytePath(path)) else { return nil }
    switch status.kind {
    case .file: break
    case .directory: throw StoreError.noOld(path, "a directory")
    case .symlink: throw StoreError.noOld(path, "a symlink")
    default: throw StoreError.noOld(path, "no regular file")
    }
    if !isInFolder, SnapshotName.isBootable(name) {
      throw StoreError.noOld(path, "no old snapshot: the boot loader takes it as it is")
    }
    guard SnapshotName.isOld(name) else { throw StoreError.noOld(path, "no old snapshot: its name holds no date") }
    return OldFile(
      try directory.openFile(name, path: BytePath(path)), name, isInFolder: isInFolder, status, path)
  }
}

extension StoreError {
  static let remedyForOld = "lbuctl log shows which there are"

  static func noSuchOld(_ path: String) -> StoreError {
    // lbu's own words, which scripts look for.
    StoreError("file not found: \(path)", hint: remedyForOld)
  }

  static func noOld(_ path: String, _ what: String) -> StoreError {
    StoreError("\(path) is \(what)", hint: remedyForOld)
  }
}
