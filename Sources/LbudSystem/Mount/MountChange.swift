import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What lbud did to a mount for the time of a commit, and so what is to be undone. It is written down in `run/lbud`
/// before it is done, so that it is undone after a crash too.
struct MountChange: Equatable {
  enum Undo: Equatable {
    case unmount
    /// The read-only flags as they were: of the mount, and of the file system.
    case setReadOnly(mount: Bool, superblock: Bool)
  }

  var undo: Undo
  var point: [UInt8]
  var deviceMajor: UInt32
  var deviceMinor: UInt32

  static let file = "media"

  /// One line; the point stands last, since it can hold anything.
  var encoded: [UInt8] {
    let word =
      switch undo {
      case .unmount: "unmount"
      case .setReadOnly(true, true): "both"
      case .setReadOnly(true, false): "mount"
      case .setReadOnly(false, _): "superblock"
      }
    return Array("\(word) \(deviceMajor):\(deviceMinor) ".utf8) + point
  }

  init(undo: Undo, point: [UInt8], deviceMajor: UInt32, deviceMinor: UInt32) {
    self.undo = undo
    self.point = point
    self.deviceMajor = deviceMajor
    self.deviceMinor = deviceMinor
  }

  /// - Returns: nil for what is none, as a crash between opening and writing leaves it: nothing had been done yet.
  init?(_ encoded: [UInt8]) {
    let words = encoded.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard words.count == 3 else { return nil }
    switch String(decoding: words[0], as: UTF8.self) {
    case "unmount": undo = .unmount
    case "both": undo = .setReadOnly(mount: true, superblock: true)
    case "mount": undo = .setReadOnly(mount: true, superblock: false)
    case "superblock": undo = .setReadOnly(mount: false, superblock: true)
    default: return nil
    }
    let numbers = String(decoding: words[1], as: UTF8.self).split(separator: ":").map { UInt32($0) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    deviceMajor = major
    deviceMinor = minor
    point = Array(words[2])
  }

  /// The mount that it was done to, if that is still there, also beneath another one.
  func target(in table: MountTable) -> Mount? {
    // Not known before it was mounted, where it is no block device: mount(8) was at work when the crash came.
    let isAny = undo == .unmount && deviceMajor == 0 && deviceMinor == 0
    if isAny { return table.mount(at: point) }
    return table.mounts.last { $0.point == point && $0.deviceMajor == deviceMajor && $0.deviceMinor == deviceMinor }
  }
}

extension Mount {
  var shownPoint: String { displayText(of: point) }

  /// Sets the read-only flags of the mount and of its file system; all other flags stay.
  /// - Throws: `FileError`.
  func setReadOnly(mount wantedMount: Bool, superblock wantedSuperblock: Bool) throws(FileError) {
    var mountIsReadOnly = isMountReadOnly
    if wantedSuperblock != isSuperblockReadOnly {
      // Of both, as mount(2) says of MS_REMOUNT alone.
      try remount(readOnly: wantedSuperblock, UInt(MS_REMOUNT))
      mountIsReadOnly = wantedSuperblock
    }
    if wantedMount != mountIsReadOnly {
      try remount(readOnly: wantedMount, UInt(MS_REMOUNT) | UInt(MS_BIND))
    }
  }

  private func remount(readOnly: Bool, _ operation: UInt) throws(FileError) {
    let (target, flags) = (cString(point), operation | remountFlags(readOnly: readOnly))
    let verb = readOnly ? "make read-only" : "make writable"
    try retrying(verb, shownPoint) { systemMount(target, flags) }
  }

  /// - Throws: `FileError`.
  func unmount() throws(FileError) {
    let target = cString(point)
    try retrying("unmount", shownPoint) { umount2(target, 0) }
  }
}

private func systemMount(_ target: [CChar], _ flags: UInt) -> Int32 { mount(nil, target, nil, flags, nil) }
