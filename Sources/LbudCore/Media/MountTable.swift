/// What is mounted where.
///
/// Points and paths are compared as they are written, but for doubled slashes and those at the end: who has a path with
/// symlinks, `.` or `..` resolves it first.
package struct MountTable: Equatable, Sendable {
  package var mounts: [Mount]

  package init(mounts: [Mount] = []) {
    self.mounts = mounts
  }

  /// Reads /proc/self/mountinfo. A line that is none is left out, and so is a last one without its newline: the kernel
  /// ends every line, so that one is torn, and the options it lacks would be lost at a remount.
  package init(parsing bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    mounts = lines.dropLast().compactMap(Mount.init(line:))
  }

  /// The topmost one at this point; nil if nothing is mounted there.
  package func mount(at point: [UInt8]) -> Mount? {
    let wanted = BytePath(normalizing: point)
    return Self.topmost(mounts.filter { BytePath(normalizing: $0.point) == wanted })
  }

  /// The one that a path lies in: it has the longest point that is the path or a parent of it.
  package func mount(holding path: [UInt8]) -> Mount? {
    let wanted = BytePath(normalizing: path)
    var longest = 0
    var holding: [Mount] = []
    for mount in mounts {
      let point = BytePath(normalizing: mount.point)
      guard wanted.isInside(point), point.bytes.count >= longest else { continue }
      if point.bytes.count > longest { holding = [] }
      longest = point.bytes.count
      holding.append(mount)
    }
    return Self.topmost(holding)
  }

  /// The other mounts of the same device.
  package func others(of mount: Mount) -> [Mount] {
    mounts.filter {
      $0.id != mount.id && $0.deviceMajor == mount.deviceMajor && $0.deviceMinor == mount.deviceMinor
    }
  }

  /// The last of several at one point, unless it carries another of them: since Linux 6.5 one can be put beneath
  /// (`MOVE_MOUNT_BENEATH`), and since 6.8 the lines are in the order in which the mounts were made, not attached.
  private static func topmost(_ stack: [Mount]) -> Mount? {
    guard stack.count > 1 else { return stack.last }
    let carrying = Set(stack.map(\.parent))
    return stack.last { !carrying.contains($0.id) } ?? stack.last
  }
}

extension Mount {
  /// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`: any number of fields may stand
  /// before the dash. The source may be empty, so two spaces in a row are two ends of fields.
  fileprivate init?(line: ArraySlice<UInt8>) {
    let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }), fields.count - dash > 3,
      let id = Int(Self.text(fields[0])), let parent = Int(Self.text(fields[1]))
    else { return nil }
    let device = fields[2].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard device.count == 2, let major = UInt32(Self.text(device[0])), let minor = UInt32(Self.text(device[1])),
      !fields[3].isEmpty, fields[4].first == BytePath.separator
    else { return nil }
    self.init(
      id: id, parent: parent, deviceMajor: major, deviceMinor: minor, root: decodingOctalEscapes(fields[3]),
      point: decodingOctalEscapes(fields[4]), options: Self.options(fields[5]),
      type: Self.text(decodingOctalEscapes(fields[dash + 1])), source: decodingOctalEscapes(fields[dash + 2]),
      superOptions: Self.options(fields[dash + 3]))
  }

  /// A comma inside of a value is escaped here, so the list is taken apart before anything is decoded.
  private static func options(_ field: ArraySlice<UInt8>) -> [String] {
    field.split(separator: UInt8(ascii: ",")).map { text(decodingOctalEscapes($0)) }
  }

  private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
