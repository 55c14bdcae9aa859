import LbudCore

/// Members as tar headers in GNU's format: GNU, busybox and libarchive read it alike, and busybox, which unpacks the
/// snapshot at boot, knows GNU's long names but not all of pax.
enum TarEncoder {
  /// Longer names are refused, as `TarReader` refuses to read them.
  static let longestName = 64 * 1024

  /// The header block of `member`, and before it the `K` and `L` entries it needs.
  /// - Throws: `ArchiveError.unwritable` for what no archive can hold.
  static func headers(of member: Member) throws -> [UInt8] {
    try check(member)
    var name = member.path.bytes
    if case .directory = member.body { name.append(BytePath.separator) }
    let target = linkTarget(of: member.body)

    var blocks: [UInt8] = []
    if target.count > TarLayout.linkName.count { appendLong(target, type: TarType.longLink, to: &blocks) }
    if name.count > TarLayout.name.count { appendLong(name, type: TarType.longName, to: &blocks) }
    blocks += block(of: member, name: name, target: target)
    return blocks
  }

  private static func block(of member: Member, name: [UInt8], target: [UInt8]) -> [UInt8] {
    var block = emptyBlock(name: name, target: target)
    TarNumber.write(Int64(member.mode), to: TarLayout.mode, of: &block)
    TarNumber.write(Int64(member.uid), to: TarLayout.uid, of: &block)
    TarNumber.write(Int64(member.gid), to: TarLayout.gid, of: &block)
    TarNumber.write(member.modificationTime, to: TarLayout.modificationTime, of: &block)
    var size: UInt64 = 0
    switch member.body {
    case .file(let fileSize):
      block[TarLayout.type] = TarType.file
      size = fileSize
    case .directory: block[TarLayout.type] = TarType.directory
    case .symlink: block[TarLayout.type] = TarType.symlink
    case .hardLink: block[TarLayout.type] = TarType.hardLink
    case .fifo: block[TarLayout.type] = TarType.fifo
    case .characterDevice(let major, let minor):
      block[TarLayout.type] = TarType.characterDevice
      write(major: major, minor: minor, to: &block)
    case .blockDevice(let major, let minor):
      block[TarLayout.type] = TarType.blockDevice
      write(major: major, minor: minor, to: &block)
    }
    TarNumber.write(Int64(truncatingIfNeeded: size), to: TarLayout.size, of: &block)
    seal(&block)
    return block
  }

  private static func write(major: UInt32, minor: UInt32, to block: inout [UInt8]) {
    TarNumber.write(Int64(major), to: TarLayout.deviceMajor, of: &block)
    TarNumber.write(Int64(minor), to: TarLayout.deviceMinor, of: &block)
  }

  /// An entry whose content is a name (GNU tar manual, `L` and `K`); name, mode and owner are what GNU tar writes.
  private static func appendLong(_ text: [UInt8], type: UInt8, to blocks: inout [UInt8]) {
    var block = emptyBlock(name: Array("././@LongLink".utf8), target: [])
    TarNumber.write(0o644, to: TarLayout.mode, of: &block)
    TarNumber.write(0, to: TarLayout.uid, of: &block)
    TarNumber.write(0, to: TarLayout.gid, of: &block)
    TarNumber.write(0, to: TarLayout.modificationTime, of: &block)
    // GNU tar counts the NUL that ends the name.
    let size = text.count + 1
    TarNumber.write(Int64(size), to: TarLayout.size, of: &block)
    block[TarLayout.type] = type
    seal(&block)
    blocks += block
    blocks += text
    blocks += repeatElement(0, count: 1 + TarLayout.padding(after: UInt64(size)))
  }

  /// A name of exactly 100 bytes fills its field with no NUL after it, as GNU tar writes it too.
  private static func emptyBlock(name: [UInt8], target: [UInt8]) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarLayout.blockSize)
    put(name.prefix(TarLayout.name.count), at: TarLayout.name.lowerBound, of: &block)
    put(target.prefix(TarLayout.linkName.count), at: TarLayout.linkName.lowerBound, of: &block)
    put(TarLayout.gnuMagic[...], at: TarLayout.magic.lowerBound, of: &block)
    return block
  }

  private static func put(_ bytes: ArraySlice<UInt8>, at start: Int, of block: inout [UInt8]) {
    block.replaceSubrange(start..<(start + bytes.count), with: bytes)
  }

  /// The checksum counts its own field as spaces; six digits, NUL, space is how every tar writes it.
  private static func seal(_ block: inout [UInt8]) {
    put(ArraySlice("        ".utf8), at: TarLayout.checksum.lowerBound, of: &block)
    let sum = block.reduce(0) { $0 + Int64($1) }
    let digits = TarLayout.checksum.lowerBound..<(TarLayout.checksum.upperBound - 1)
    TarNumber.write(sum, to: digits, of: &block)
  }

  private static func linkTarget(of body: Member.Body) -> [UInt8] {
    switch body {
    case .symlink(let target): target
    case .hardLink(let path): path.bytes
    default: []
    }
  }

  private static func check(_ member: Member) throws {
    func refuse(_ reason: String) -> ArchiveError { .unwritable(path: member.path, reason: reason) }
    if let reason = problem(with: member.path) { throw refuse("its name " + reason) }
    guard member.mode <= 0o7777 else { throw refuse("its mode has bits beyond 07777") }
    switch member.body {
    case .file(let size):
      guard size <= UInt64(Int64.max) else { throw refuse("its size does not fit") }
    case .symlink(let target):
      guard !target.isEmpty, !target.contains(0) else { throw refuse("its link target is empty or holds a NUL byte") }
      guard target.count <= longestName else { throw refuse("its link target has \(target.count) bytes") }
    case .hardLink(let target):
      if let reason = problem(with: target) { throw refuse("the name it links to " + reason) }
    default: break
    }
  }

  private static func problem(with path: BytePath) -> String? {
    if path.isRoot { return "is empty" }
    if path.bytes.count > longestName { return "has \(path.bytes.count) bytes" }
    if path.bytes.contains(0) { return "holds a NUL byte" }
    let components = path.bytes.split(separator: BytePath.separator, omittingEmptySubsequences: false)
    let dot = UInt8(ascii: ".")
    for component in components where component.isEmpty || component == [dot] || component == [dot, dot] {
      return "has a component that is empty, . or .."
    }
    return nil
  }
}
