@testable import LbudCore

/// The administrator's /etc/fstab: read, and edited without touching anything else.
let fstab = Target(name: "fstab", longest: 1024) { bytes in
  var input = Input(bytes)
  let spec = input.upTo(UInt8(ascii: "\n"))
  let point = input.upTo(UInt8(ascii: "\n"))
  let text = input.bytes
  let table = FileSystemTable(parsing: text)
  for entry in table.entries {
    _ = entry.specification
    expect(Set(entry.mountOptions).isSubset(of: entry.options), "mount(8) gets options of the line")
    expect(!entry.mountOptions.contains("noauto"), "an option of the table is not one of a mount")
  }

  if !spec.isEmpty, !point.isEmpty, !(spec + point).contains(0), spec.first != UInt8(ascii: "#") {
    let line = FileSystemTable.line(spec: spec, point: point, type: "vfat")
    let added = FileSystemTable.adding(line, to: text)
    expect(added.starts(with: text), "what was there is there")
    let entry = FileSystemTable.Entry(spec: spec, point: point, type: "vfat", options: ["noauto", "ro"])
    expectEqual(FileSystemTable(parsing: added).entries, table.entries + [entry], "one more line")
  }

  guard let auto = FileSystemTable.removingNoauto(at: point, in: text) else { return }
  let without = FileSystemTable(parsing: auto)
  expectEqual(without.entries.count, table.entries.count, "the lines stay")
  expect(!(without.entry(for: point)?.options.contains("noauto") ?? true), "it is mounted by itself")
  expectEqual(FileSystemTable.removingNoauto(at: point, in: auto), nil, "nothing is left to take out")
}
