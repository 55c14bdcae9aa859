import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Plays the boot loader: which names in the top directory of a block device's file system it would take.
///
/// Nothing is written to a device, not even what the loader itself would write: a journal is not replayed. It blocks, and
/// hangs with a dying medium: each device is for a thread of its own.
package struct LoaderProbe: Sendable {
  /// A block device, of which nothing has been read yet.
  package struct Device: Sendable {
    package let path: [UInt8]
    let number: (major: UInt32, minor: UInt32)
    /// Where it is mounted.
    let mounts: [Mount]
  }

  /// Which devices there are to look at.
  package struct Plan: Sendable {
    package var devices: [Device]
    package var reach: DevicesFacts.Reach
  }

  /// - Parameter media: the device of the media, which is looked at as such.
  package static func plan(root: RootDirectory, without media: MediaExamination.Number?) -> Plan {
    let places = SetupPlaces(root: root)
    let nodes = DiskDevice.nodes().filter { !isMemory($0.path) }
    let isRoot = geteuid() == 0
    let reach: DevicesFacts.Reach = !root.isSystemRoot ? .anotherRoot : isRoot ? .all : .onlyMounted
    let devices = nodes.compactMap { node -> Device? in
      if let media, media == MediaExamination.Number(node.number) { return nil }
      let mounts = places.mounts.mounts.filter {
        $0.deviceMajor == node.number.major && $0.deviceMinor == node.number.minor
          && (root.isSystemRoot || places.inside($0.point) != nil)
      }
      guard reach == .all || !mounts.isEmpty else { return nil }
      return Device(path: node.path, number: node.number, mounts: mounts)
    }
    return Plan(devices: devices, reach: reach)
  }

  private static func isMemory(_ path: [UInt8]) -> Bool {
    path.starts(with: "/dev/zram".utf8) || path.starts(with: "/dev/ram".utf8)
  }

  package init() {}

  // MARK: One device

  /// - Parameter root: so that a mount is named as it is inside of it.
  package func look(at device: Device, root: RootDirectory) -> DeviceFinding {
    guard device.mounts.isEmpty else { return lookAtMounted(device, root) }
    do throws(FileError) {
      let file = try Self.open(device.path)
      return try lookAtUnmounted(device, file)
    } catch {
      // A drive without a medium, and what has no driver.
      let isAbsent = [ENOMEDIUM, ENXIO, ENODEV, ENOENT].contains(error.code)
      return DeviceFinding(
        device: device.path, outcome: isAbsent ? .unreadableAtBoot : .unseen(why: error.reason))
    }
  }

  private func lookAtMounted(_ device: Device, _ root: RootDirectory) -> DeviceFinding {
    let places = SetupPlaces(root: root)
    var why = "only a part of it is mounted"
    for mount in device.mounts where !mount.isBind {
      let shown = places.inside(mount.point) ?? mount.point
      guard Self.isRead(mount.type) else {
        return DeviceFinding(device: device.path, point: shown, outcome: .unreadableAtBoot)
      }
      do throws(FileError) {
        guard let names = try names(at: mount, device) else { continue }
        return DeviceFinding(device: device.path, point: shown, outcome: .overlays(names))
      } catch { why = "\(error)" }
    }
    return DeviceFinding(device: device.path, outcome: .unseen(why: why))
  }

  /// - Returns: nil where something else is mounted over it.
  private func names(at mount: Mount, _ device: Device) throws(FileError) -> [[UInt8]]? {
    let point = mount.point
    let directory = Descriptor(
      owning: try retrying("open", displayText(of: point)) {
        openat(AT_FDCWD, cString(point), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
    var status = stat()
    guard fstat(directory.raw, &status) == 0, clbud_major(status.st_dev) == device.number.major,
      clbud_minor(status.st_dev) == device.number.minor
    else { return nil }
    return try Self.overlays(in: directory, displayText(of: point))
  }

  private func lookAtUnmounted(_ device: Device, _ file: borrowing Descriptor) throws(FileError) -> DeviceFinding {
    let shown = displayText(of: device.path)
    let beginning = try Self.beginning(of: file, shown)
    guard let type = FileSystemIdentity(beginning)?.type, Self.isRead(type) else {
      return DeviceFinding(device: device.path, outcome: .unreadableAtBoot)
    }
    let header = FileSystemHeader(Array(beginning.prefix(4096)))
    var isExt = false
    var hasJournal = false
    if case .ext(let journal)? = header?.kind { (isExt, hasJournal) = (true, journal) }
    // One driver for all three (BootReadability); without noload it would replay a journal, and write.
    let mounted = clbud_mount_nowhere(isExt ? "ext4" : type, cString(device.path), isExt ? "noload" : nil)
    guard mounted >= 0 else {
      let error = FileError("mount", shown)
      return DeviceFinding(device: device.path, outcome: .unseen(why: "cannot be mounted: \(error.reason)"))
    }
    let mount = Descriptor(owning: mounted)
    let top = Descriptor(
      owning: try retrying("open", shown) { openat(mount.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    let names = try Self.overlays(in: top, shown)
    withExtendedLifetime(mount) {}
    return DeviceFinding(
      device: device.path, outcome: .overlays(names),
      hasUnplayedJournal: hasJournal && !(header?.isClean ?? true))
  }

  // MARK: Reading

  /// The types that the boot loader reads, and a disc's.
  private static func isRead(_ type: String) -> Bool {
    ["vfat", "msdos", "ext2", "ext3", "ext4", "iso9660"].contains(type)
  }

  /// In the order of the bytes.
  static func overlays(in directory: borrowing Descriptor, _ shown: String) throws(FileError) -> [[UInt8]] {
    try directory.names(path: BytePath(shown)).filter(SnapshotName.isBootable)
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  private static func open(_ path: [UInt8]) throws(FileError) -> Descriptor {
    Descriptor(
      owning: try retrying("open", displayText(of: path)) { openat(AT_FDCWD, cString(path), O_RDONLY | O_CLOEXEC) })
  }

  private static func beginning(of file: borrowing Descriptor, _ shown: String) throws(FileError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileSystemIdentity.length, alignment: 4096)
    defer { buffer.deallocate() }
    let count = try file.read(at: 0, into: buffer, path: shown)
    return Array(buffer[..<count])
  }
}
