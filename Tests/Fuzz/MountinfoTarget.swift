import LbudCore

/// The kernel's table of mounts, whose points and sources are anybody's words.
let mountinfo = Target(name: "mountinfo") { bytes in
  let table = MountTable(parsing: bytes)
  // Each looks through the whole table.
  for mount in table.mounts.prefix(32) {
    expect(mount.point.first == UInt8(ascii: "/") && !mount.root.isEmpty, "a mount has a point and a root")
    let point = BytePath(normalizing: mount.point)
    expect(table.mount(at: mount.point).map { BytePath(normalizing: $0.point) } == point, "something is mounted there")
    let below = table.mount(holding: mount.point + Array("/below".utf8))
    expect(below.map { point.isInside(BytePath(normalizing: $0.point)) } ?? false, "a path below lies in a mount above")
    expect(!table.others(of: mount).contains { $0.id == mount.id }, "a mount is no other one of its device")
    expect(mount.remountFlags(readOnly: true) & 1 == 1, "read-only is read-only")
  }
  // Line by line is the same as at once.
  let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
  let each = lines.flatMap { MountTable(parsing: $0 + [UInt8(ascii: "\n")]).mounts }
  expectEqual(each, table.mounts, "the mounts of the lines")
  let again = MountTable(parsing: table.mounts.flatMap(line))
  expectEqual(again, table, "the mounts written again")
}

/// A line as fs/proc_namespace.c writes it. A comma inside an option is escaped too, as overlayfs does it.
private func line(_ mount: Mount) -> [UInt8] {
  func options(_ options: [String]) -> [UInt8] {
    Array(options.map { escaped(Array($0.utf8)) }.joined(separator: ",".utf8))
  }
  let fields = [
    Array("\(mount.id)".utf8), Array("\(mount.parent)".utf8), Array("\(mount.deviceMajor):\(mount.deviceMinor)".utf8),
    escaped(mount.root), escaped(mount.point), options(mount.options), Array("-".utf8), escaped(Array(mount.type.utf8)),
    escaped(mount.source), options(mount.superOptions),
  ]
  return Array(fields.joined(separator: " ".utf8)) + [UInt8(ascii: "\n")]
}

private func escaped(_ field: [UInt8]) -> [UInt8] {
  field.flatMap { byte -> [UInt8] in
    guard Array(" \t\n\\,#".utf8).contains(byte) else { return [byte] }
    return Array("\\".utf8) + [byte >> 6, byte >> 3 & 7, byte & 7].map { $0 + UInt8(ascii: "0") }
  }
}
