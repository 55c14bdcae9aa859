import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The device that fstab names for the media.
struct MediaDevice {
  /// As mount(8) takes it.
  let name: [UInt8]
  /// Nil where it is no block device that can be looked at.
  let number: (major: UInt32, minor: UInt32)?

  /// Finds the device of a line of fstab.
  /// - Throws: `StoreError` where there is none, or more than one.
  static func find(_ entry: FileSystemTable.Entry, media: String) throws(StoreError) -> MediaDevice {
    switch entry.specification {
    case .path(let path):
      guard access(cString(path), F_OK) == 0 else { throw .noDevice(media, displayText(of: entry.spec)) }
      return MediaDevice(name: path, number: deviceNumber(path))
    case .label, .uuid:
      // Without blkid mount(8) may know a way.
      guard let blkid = Program.find("blkid"), let ended = try? Program.run(blkid, [], within: 60) else {
        return MediaDevice(name: entry.spec, number: nil)
      }
      let found = BlockIdentity.parse(ended.output).filter { $0.matches(entry.specification) }
        .map(\.device).sorted { $0.lexicographicallyPrecedes($1) }
      guard let first = found.first else { throw .noDevice(media, displayText(of: entry.spec)) }
      guard found.count == 1 else {
        throw .twoDevices(media, displayText(of: entry.spec), found.map { displayText(of: $0) })
      }
      return MediaDevice(name: first, number: deviceNumber(first))
    case .other: return MediaDevice(name: entry.spec, number: nil)
    }
  }

  /// Where it is mounted.
  func mounts(in table: MountTable?) -> [Mount] {
    guard let number, let table else { return [] }
    return table.mounts.filter { $0.deviceMajor == number.major && $0.deviceMinor == number.minor }
  }

  /// Whether the kernel has lost a device that is still mounted: somebody pulled it.
  static func isGone(_ mount: Mount) -> Bool {
    guard mount.deviceMajor != 0, access("/sys/dev/block", F_OK) == 0 else { return false }
    return access("/sys/dev/block/\(mount.deviceMajor):\(mount.deviceMinor)", F_OK) != 0
  }

  static func deviceNumber(_ path: [UInt8]) -> (major: UInt32, minor: UInt32)? {
    var status = stat()
    guard stat(cString(path), &status) == 0, status.st_mode & S_IFMT == S_IFBLK else { return nil }
    return (clbud_major(status.st_rdev), clbud_minor(status.st_rdev))
  }

  /// What the file system says of itself; nil where it cannot be read, or is of no kind that is known here.
  func header() -> FileSystemHeader? { Self.header(of: name) }

  static func header(of device: [UInt8]) -> FileSystemHeader? {
    beginning(of: device, count: 4096).flatMap(FileSystemHeader.init)
  }

  /// The first bytes of a device, as many of them as it has; nil where it cannot be read.
  static func beginning(of device: [UInt8], count length: Int) -> [UInt8]? {
    let raw = open(cString(device), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard raw >= 0 else { return nil }
    let file = Descriptor(owning: raw)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
    defer { buffer.deallocate() }
    guard let count = try? file.read(at: 0, into: buffer, path: displayText(of: device)) else { return nil }
    return Array(buffer[..<count])
  }
}
