/// What fstab says of the media, now and after a boot.
package struct TableFacts: Equatable, Sendable {
  /// Where the media is to be mounted.
  package var point: [UInt8]
  /// Whether lbud mounts it: `LBU_MEDIA`. For `LBU_BACKUPDIR` nobody need.
  package var isMountPoint: Bool
  package var running: FileSystemTable
  package var saved: SavedFile
  /// What is mounted there now; nil where nothing is.
  package var mounted: [UInt8]?
  /// Whether that is what the line names; nil where it cannot be told.
  package var isNamedDevice: Bool?

  package init(
    point: [UInt8], isMountPoint: Bool, running: FileSystemTable, saved: SavedFile, mounted: [UInt8]? = nil,
    isNamedDevice: Bool? = nil
  ) {
    self.point = point
    self.isMountPoint = isMountPoint
    self.running = running
    self.saved = saved
    self.mounted = mounted
    self.isNamedDevice = isNamedDevice
  }

  /// The line for the media, or for a directory that it is in.
  package static func entry(_ table: FileSystemTable, holding path: [UInt8]) -> FileSystemTable.Entry? {
    var path = BytePath(normalizing: path)
    while !path.isRoot {
      if let entry = table.entry(for: [BytePath.separator] + path.bytes) { return entry }
      path = path.parent
    }
    return nil
  }
}

extension Check {
  /// Whether the media is mounted after a boot where it is looked for.
  package static func fstab(_ facts: TableFacts) -> Check {
    let point = displayText(of: facts.point)
    let now = TableFacts.entry(facts.running, holding: facts.point)
    let then: FileSystemTable.Entry?
    switch facts.saved {
    case .content(let bytes): then = TableFacts.entry(FileSystemTable(parsing: bytes), holding: facts.point)
    case .ofPackage: then = now
    case .leftOut:
      guard now != nil else { return lineless(facts, point) }
      return failed(
        .fstab, "/etc/fstab, which has a line for \(point), is left out of snapshots: after a boot it is another one",
        remedy: "lbuctl include /etc/fstab, then: lbuctl commit")
    case .unsaved: then = nil
    case .unknown: return skipped(.fstab, "what /etc/fstab is after a boot cannot be told without a snapshot")
    }
    guard now == then else {
      return failed(
        .fstab, "/etc/fstab has for \(point) \(words(now)), and after a boot \(words(then))", remedy: "lbuctl commit")
    }
    guard let now else { return lineless(facts, point) }
    let spec = displayText(of: now.spec)
    guard let mounted = facts.mounted, facts.isNamedDevice == false else {
      return ok(.fstab, "/etc/fstab has \(spec) for \(point), after a boot too")
    }
    return failed(
      .fstab, "/etc/fstab has \(spec) for \(point), where \(displayText(of: mounted)) is mounted now",
      remedy: "mend the line, or mount what it names, then: lbuctl commit")
  }

  private static func lineless(_ facts: TableFacts, _ point: String) -> Check {
    guard facts.isMountPoint, facts.mounted != nil else {
      return ok(.fstab, "/etc/fstab has no line for \(point), and after a boot neither")
    }
    return warning(
      .fstab,
      "/etc/fstab has no line for \(point): whether it is mounted there after a boot is left to the boot loader",
      remedy: "lbuctl setup media adds one")
  }

  private static func words(_ entry: FileSystemTable.Entry?) -> String {
    guard let entry else { return "no line" }
    let options = entry.options.isEmpty ? "" : " (\(displayText(of: entry.options.joined(separator: ",").utf8)))"
    return "\(displayText(of: entry.spec)) \(displayText(of: entry.type.utf8))\(options)"
  }
}
