import Glibc
import LbudCore

@testable import LbudArchive

/// What is on disk, looked at with `lstat` alone.
enum DiskTree {
  /// Owners can be given away, and devices made, by root only.
  static let isRoot = geteuid() == 0

  /// Containers often may not make devices.
  static let canMakeDevices: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return mknod(scratch.path + "/null", S_IFCHR | 0o600, 0x103) == 0
  }()

  /// The entry at `member.path` below `root`, as an archive would have it; a hard link, which looks like a file, comes as a
  /// file. Nil if there is none.
  static func entry(like member: Member, below root: String) throws -> Entry? {
    let path = Array((root + "/").utf8) + member.path.bytes
    var status = stat()
    let code = withCString(path) { lstat($0, &status) }
    guard code == 0 else { return nil }
    let device = UInt64(status.st_rdev)
    let major = UInt32(device >> 8 & 0xfff)
    let minor = UInt32(device & 0xff | device >> 12 & 0xfff00)
    var content: [UInt8] = []
    let body: Member.Body
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      content = try Scratch.read(bytes: path)
      body = .file(size: UInt64(status.st_size))
    case S_IFDIR: body = .directory
    case S_IFLNK:
      var target = [CChar](repeating: 0, count: 5000)
      let count = withCString(path) { readlink($0, &target, target.count) }
      body = .symlink(target: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) })
    case S_IFIFO: body = .fifo
    case S_IFCHR: body = .characterDevice(major: major, minor: minor)
    case S_IFBLK: body = .blockDevice(major: major, minor: minor)
    default: return nil
    }
    var entry = Entry(
      Member(
        path: member.path, body: body, mode: UInt16(status.st_mode & 0o7777), uid: status.st_uid, gid: status.st_gid,
        modificationTime: Int64(status.st_mtim.tv_sec)))
    entry.content = content
    return entry
  }

  static func inode(_ path: BytePath, below root: String) -> UInt64 {
    var status = stat()
    _ = withCString(Array((root + "/").utf8) + path.bytes) { lstat($0, &status) }
    return UInt64(status.st_ino)
  }

  private static func withCString<Value>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Value) -> Value {
    // An array given for a pointer lives as long as the call.
    body((bytes + [0]).map { CChar(bitPattern: $0) })
  }
}
