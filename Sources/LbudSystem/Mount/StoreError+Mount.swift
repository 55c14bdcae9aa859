import LbudCore

/// What can be wrong with the media before anything is read from it.
extension StoreError {
  static func missing(_ path: String, _ error: FileError) -> StoreError {
    StoreError("\(path) is not there: \(error.reason)", hint: "mount or make it, then: lbuctl commit", isAbsence: true)
  }

  static func onMemory(_ path: String) -> StoreError {
    StoreError(
      "\(path) is only a directory in memory, nothing is mounted there: a snapshot written to it is gone after the reboot",
      hint: "mount \(path), or give it a line in /etc/fstab", isAbsence: true)
  }

  static func noDevice(_ path: String, _ specification: String) -> StoreError {
    StoreError(
      "\(path) is not mounted, and there is no device \(specification), which /etc/fstab names for it",
      hint: "plug it in, or mend the line in /etc/fstab", isAbsence: true)
  }

  static func twoDevices(_ path: String, _ specification: String, _ devices: [String]) -> StoreError {
    StoreError(
      "\(path) is not mounted, and /etc/fstab names \(specification) for it, which are \(devices.count) devices: "
        + devices.joined(separator: ", "),
      hint: "give one another label, pull it, or mount the right one at \(path)", isAbsence: true)
  }

  static func pulled(_ path: String) -> StoreError {
    StoreError(
      "\(path) is still mounted, but its device is gone",
      hint: "plug it in again; lbud then mounts it if /etc/fstab names it, else: umount -l \(path), and mount it",
      isAbsence: true)
  }

  package static func silent(_ path: String) -> StoreError {
    StoreError(
      "\(path) does not answer: it is being looked at",
      hint: "the medium may be dying: dmesg tells what the kernel saw",
      isAbsence: true)
  }

  static func notMounted(_ path: String, _ why: String) -> StoreError {
    StoreError("\(path) cannot be mounted: \(why)", hint: "try it by hand: mount \(path); see dmesg", isAbsence: true)
  }

  static func busyElsewhere(_ path: String, _ device: MediaDevice, in table: MountTable?) -> StoreError {
    let point = device.mounts(in: table).first?.shownPoint ?? "another place"
    return StoreError(
      "\(path) cannot be mounted to write to it: \(displayText(of: device.name)) is mounted read-only at \(point)",
      hint: "umount \(point), or mount -o remount,rw \(point)", isAbsence: true)
  }

  static func notWritable(_ error: FileError) -> StoreError {
    StoreError(
      error.description, hint: "the medium may be write-protected, or dying: dmesg tells what the kernel saw")
  }

  static func unchecked(_ path: String, _ command: String, _ words: String, remedy: String) -> StoreError {
    StoreError(
      "\(path) was not unmounted cleanly, and \(command) cannot mend it by itself: \(words)",
      hint: "nothing is written to it before somebody runs: \(remedy)")
  }

  static func unreadable(_ path: String, _ command: String, _ words: String, remedy: String) -> StoreError {
    StoreError(
      "\(path) was not unmounted cleanly, and \(command) cannot read or write all of it: \(words)",
      hint: "the medium may be dying: dmesg tells what the kernel saw; "
        + "nothing is written to it before somebody runs: \(remedy)")
  }
}
