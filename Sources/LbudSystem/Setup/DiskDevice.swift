import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A block device of the running system, and what is on it.
struct DiskDevice {
  var path: [UInt8]
  var number: (major: UInt32, minor: UInt32)
  /// In bytes.
  var size: UInt64
  var identity: FileSystemIdentity?
  /// What `blkid` says of it: a FAT's label in its root directory, which goes before the one in its boot sector.
  private var printed: BlockIdentity?

  var label: [UInt8]? { printed?.label ?? identity?.label }
  var uuid: [UInt8]? { printed?.uuid ?? identity?.uuid }
  var type: String? { identity?.type ?? printed?.type }

  /// Those that have a size, a node, and no partitions, by name.
  static func all() -> [DiskDevice] {
    let nodes = nodes()
    let printed = nodes.isEmpty ? [] : printedIdentities()
    return nodes.map { node in
      DiskDevice(
        path: node.path, number: node.number, size: node.size, identity: MediaDevice.identity(of: node.path),
        printed: printed.first { $0.device == node.path })
    }
  }

  /// What is known of them without reading anything from them.
  struct Node: Sendable {
    var path: [UInt8]
    var number: (major: UInt32, minor: UInt32)
    /// In bytes.
    var size: UInt64
  }

  static func nodes() -> [Node] {
    let folder = "/sys/class/block"
    guard let names = names(in: folder) else { return [] }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { name in
      let place = Array("\(folder)/".utf8) + name
      guard let size = number(in: place, "size").first, size > 0, !hasPartitions(place, name) else { return nil }
      let numbers = number(in: place, "dev")
      // sysfs writes the slash of a name as an exclamation mark (lib/kobject.c).
      let path = Array("/dev/".utf8) + name.map { $0 == UInt8(ascii: "!") ? BytePath.separator : $0 }
      guard numbers.count == 2, access(cString(path), F_OK) == 0 else { return nil }
      // In sectors of 512 bytes, whatever the device's own are (Documentation/ABI/stable/sysfs-block).
      return Node(
        path: path, number: (UInt32(clamping: numbers[0]), UInt32(clamping: numbers[1])),
        size: size.multipliedReportingOverflow(by: 512).partialValue)
    }
  }

  func matches(_ specification: FileSystemTable.Entry.Specification) -> Bool {
    if case .path(let wanted) = specification {
      guard let found = MediaDevice.deviceNumber(wanted) else { return false }
      return found == number
    }
    let own = BlockIdentity(device: path, label: identity?.label, uuid: identity?.uuid)
    // Once blkid has told its label, the one in the boot sector is of no use: nobody else looks there.
    if let printed, printed.label != nil || printed.uuid != nil { return printed.matches(specification) }
    return own.matches(specification)
  }

  /// Where it is mounted. btrfs has a number of its own for each mount, so there the source has to tell.
  func mounts(in table: MountTable) -> [Mount] {
    table.mounts.filter {
      ($0.deviceMajor == number.major && $0.deviceMinor == number.minor) || ($0.deviceMajor == 0 && $0.source == path)
    }
  }

  // MARK: Reading

  private static func printedIdentities() -> [BlockIdentity] {
    guard let blkid = Program.find("blkid"), let ended = try? Program.run(blkid, [], within: 60) else { return [] }
    return BlockIdentity.parse(ended.output)
  }

  private static func names(in folder: String) -> [[UInt8]]? {
    let raw = systemOpen(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { return nil }
    return try? Descriptor(owning: raw).names(path: BytePath(folder))
  }

  private static func hasPartitions(_ place: [UInt8], _ name: [UInt8]) -> Bool {
    let path = String(decoding: place, as: UTF8.self)
    return (names(in: path) ?? []).contains {
      $0.starts(with: name) && access(cString(place + [BytePath.separator] + $0 + Array("/partition".utf8)), F_OK) == 0
    }
  }

  /// The numbers in a file of sysfs: `8:1`, `2048`.
  private static func number(in place: [UInt8], _ name: String) -> [UInt64] {
    let text = (try? ProcFile.read("\(String(decoding: place, as: UTF8.self))/\(name)", limit: 64)) ?? []
    return text.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.compactMap {
      UInt64(String(decoding: $0, as: UTF8.self))
    }
  }
}

extension MediaDevice {
  /// Nil where it cannot be read, or holds nothing that is known here.
  static func identity(of device: [UInt8]) -> FileSystemIdentity? {
    beginning(of: device, count: FileSystemIdentity.length).flatMap(FileSystemIdentity.init)
  }
}
