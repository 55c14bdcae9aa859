import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What a file system has left.
struct Space: Equatable {
  /// That lbud may write: root may have what others may not.
  var bytes: UInt64
  /// What a file takes at least.
  var block: UInt64
  /// How many more files; nil where they are not counted, as on vfat.
  var files: UInt64?

  /// - Throws: `FileError`.
  static func free(_ directory: borrowing Descriptor, path: String) throws(FileError) -> Space {
    var status = statvfs()
    let raw = directory.raw
    try retrying("look at the free space of", path) { fstatvfs(raw, &status) }
    let isRoot = geteuid() == 0
    let block = UInt64(max(1, status.f_frsize))
    let blocks = UInt64(isRoot ? status.f_bfree : status.f_bavail)
    let files = status.f_files == 0 ? nil : UInt64(isRoot ? status.f_ffree : status.f_favail)
    return Space(bytes: blocks.multipliedReportingOverflow(by: block).partialValue, block: block, files: files)
  }

  /// How large a file of this process may become, RLIMIT_FSIZE; nil where there is no limit.
  static var largestFile: UInt64? {
    var limit = rlimit()
    #if canImport(Musl)
      let failed = getrlimit(RLIMIT_FSIZE, &limit) != 0
    #else
      let failed = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) != 0
    #endif
    guard !failed, limit.rlim_cur != rlim_t.max else { return nil }
    return UInt64(limit.rlim_cur)
  }
}

extension StoreError {
  static func full(_ path: String, needs: UInt64, free: UInt64) -> StoreError {
    StoreError(
      "\(path) is full: the snapshot needs \(SpaceNeed.shown(needs)), \(SpaceNeed.shown(free)) are free",
      hint: remedyForSpace)
  }

  static func noFilesLeft(_ path: String) -> StoreError {
    StoreError(
      "\(path) is full: it takes no more files, though it has room for their contents",
      hint: "remove files that are not needed: df -i \(path)")
  }

  static func fileTooLarge(_ path: String, needs: UInt64, limit: UInt64) -> StoreError {
    StoreError(
      "\(path): the snapshot needs \(SpaceNeed.shown(needs)), and lbud may write no file of more than "
        + SpaceNeed.shown(limit),
      hint: "raise the limit of a file's size where lbud is started: ulimit -f unlimited")
  }

  static func noRoomForNames(_ path: String) -> StoreError {
    StoreError(
      "the top directory of \(path) takes no more names, as FAT12 and FAT16 have a fixed number of them; the medium "
        + "itself is not full",
      hint: "move files from the top of \(path) into a directory, or remove some")
  }

  static func nameNotAllowed(_ name: String, on path: String, _ objection: String) -> StoreError {
    StoreError(
      "\(path) is a FAT file system, which takes no file named \(displayName(name)): \(objection)",
      hint: "give the box another name: /etc/hostname")
  }

  private static func displayName(_ name: String) -> String { displayText(of: name.utf8) }
}
