import LbudCore

/// Names of files on a medium, which anybody may have put there, and times that anybody may have set.
let names = Target(name: "names", longest: 512) { bytes in
  var input = Input(bytes)
  let time = input.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  let name = input.upTo(0)
  if let (host, suffix) = SnapshotName.parseBootable(name) {
    expect(SnapshotName.isBootable(name), "what has its parts is bootable")
    expectEqual(host + Array(".apkovl.tar.gz".utf8) + suffix, name, "the parts of a bootable name")
  }
  if let (host, date) = SnapshotName.parseDated(name) {
    expect(date.count == 14 && !host.isEmpty, "a dated name has a host and a date")
    expect(name.starts(with: host + [UInt8(ascii: ".")] + date), "the parts of a dated name")
  }
  _ = SnapshotName.cipher(of: name).map { expect(SnapshotName.isCipherName($0), "a cipher's name") }
  expect(SnapshotName.isOld(name) || SnapshotName.suffix(ofOld: name).isEmpty || name.first == UInt8(ascii: "."), "old")

  let second = Int64(bitPattern: time)
  let dated = SnapshotName.dated(host: "box", time: second)
  let others = [Array(dated.utf8), name]
  let free = Retention.firstFreeSecond(from: second, host: Array("box".utf8), others)
  // Years of five digits are none.
  expect(free >= min(second, 253_402_298_899), "no time before")
  expectEqual(SnapshotName.parseDated(Array(dated.utf8))?.host, Array("box".utf8), "a dated name is read as one")
  expect(
    Set(Retention.dropped(others, host: Array("box".utf8), limit: 1)).isSubset(of: others), "only what is there goes")

  let shown = displayText(of: name)
  expect(displayWidth(of: shown.cut(toColumns: 20)) <= 20, "what is cut to 20 columns takes no more")
  expect(FATName.entries(for: name) >= 1, "a name takes an entry")
  if FATName.objection(to: name) == nil {
    expect(FATName.entries(for: name) <= 21, "255 units take 20, and a short one")
  }
  expect(
    !displayText(of: name).unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }, "a name is shown on a line")
}
