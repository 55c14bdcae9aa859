import LbudCore

/// An entry as its header and the extension entries before it tell together.
struct TarEntry {
  struct Unsupported: Error {
    let path: BytePath
    let type: UInt8
  }

  /// What `L`, `K` and `x` entries said about the entry that follows them.
  struct Extensions {
    var longName: [UInt8]?
    var longLink: [UInt8]?
    var pax = PaxRecords()

    /// pax comes first: only an archive that mixes both has both.
    func name(in block: TarBlock) -> [UInt8] {
      pax.path ?? longName ?? block.name
    }

    func linkName(in block: TarBlock) -> [UInt8] {
      pax.linkPath ?? longLink ?? block.linkName
    }
  }

  let member: Member
  /// Bytes of content that follow the header.
  let contentSize: UInt64

  /// - Throws: `TarBlock.Problem`, `Unsupported`.
  init(_ block: TarBlock, _ extensions: Extensions, refusingAbsoluteNames: Bool) throws {
    let name = extensions.name(in: block)
    let path = try EntryName.path(of: name, refusingAbsolute: refusingAbsoluteNames)
    let body = try Self.body(
      of: block, extensions, name: name, path: path, refusingAbsoluteNames: refusingAbsoluteNames)
    // Only files have content. A size in another header says nothing about what follows: old tars put the file's size
    // into its hard links, and busybox and libarchive pass over it in directories, symlinks and special files.
    contentSize = if case .file(let size) = body { size } else { 0 }
    let pax = extensions.pax
    member = Member(
      path: path, body: body,
      // Old tars keep the file's type in the upper bits.
      mode: UInt16(truncatingIfNeeded: try block.number(TarLayout.mode, called: "the mode") & 0o7777),
      uid: try Self.unsigned(pax.uid ?? block.number(TarLayout.uid, called: "the uid"), called: "the uid"),
      gid: try Self.unsigned(pax.gid ?? block.number(TarLayout.gid, called: "the gid"), called: "the gid"),
      modificationTime: try pax.modificationTime
        ?? block.number(TarLayout.modificationTime, called: "the modification time"))
  }

  private static func body(
    of block: TarBlock, _ extensions: Extensions, name: [UInt8], path: BytePath, refusingAbsoluteNames: Bool
  ) throws -> Member.Body {
    guard !extensions.pax.isSparse else { throw TarBlock.Problem(reason: "a sparse file cannot be read") }
    switch block.type {
    case TarType.oldFile, TarType.file, TarType.contiguousFile:
      // Before there was a type for directories the slash told them (GNU tar still reads them so).
      if name.last == BytePath.separator { return .directory }
      let size = try extensions.pax.size ?? block.number(TarLayout.size, called: "the size")
      guard size >= 0 else { throw TarBlock.Problem(reason: "the size is negative") }
      return .file(size: UInt64(size))
    case TarType.directory: return .directory
    case TarType.fifo: return .fifo
    case TarType.symlink:
      let target = extensions.linkName(in: block)
      guard !target.isEmpty, !target.contains(0), target.count <= TarEncoder.longestName else {
        throw TarBlock.Problem(reason: "the link target is empty, holds a NUL byte or is too long")
      }
      return .symlink(target: target)
    case TarType.hardLink:
      let target = try EntryName.path(of: extensions.linkName(in: block), refusingAbsolute: refusingAbsoluteNames)
      guard !target.isRoot else { throw TarBlock.Problem(reason: "a hard link to the root directory") }
      return .hardLink(to: target)
    case TarType.characterDevice:
      let (major, minor) = try device(block)
      return .characterDevice(major: major, minor: minor)
    case TarType.blockDevice:
      let (major, minor) = try device(block)
      return .blockDevice(major: major, minor: minor)
    case let type:
      throw Unsupported(path: path, type: type)
    }
  }

  private static func device(_ block: TarBlock) throws -> (UInt32, UInt32) {
    (
      try unsigned(block.number(TarLayout.deviceMajor, called: "the major number"), called: "the major number"),
      try unsigned(block.number(TarLayout.deviceMinor, called: "the minor number"), called: "the minor number")
    )
  }

  private static func unsigned(_ value: Int64, called what: String) throws -> UInt32 {
    guard let value = UInt32(exactly: value) else {
      throw TarBlock.Problem(reason: "\(what) \(value) is out of range")
    }
    return value
  }
}
