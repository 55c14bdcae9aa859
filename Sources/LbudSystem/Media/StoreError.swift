import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Why the media cannot be read from or written to, with the way out.
package struct StoreError: Error, Equatable, CustomStringConvertible {
  /// What went wrong, in a sentence without a full stop.
  package var description: String
  /// What to do about it.
  package var hint: String
  /// Whether it is about the media not being there, so that its return is what to wait for.
  package var isAbsence = false
  /// Whether the current snapshot was read and is none, as against not being readable now.
  package var isDamage = false
  /// Whether the new snapshot took its place, but may not survive a power cut, or may not be the one that boots: to be
  /// committed again.
  package var isUnsettled = false
  /// Whether a transaction of apk came in between: to be made when that has ended, and no failure.
  package var isPutOff = false
  /// Whether nothing but a password is missing, for which somebody could be asked.
  package var isPasswordMissing = false

  /// Whether the settings name no media.
  package var isUnconfigured = false
  /// Whether nothing can be copied from the snapshot before, so that all is to be made anew.
  package var isAboutBase = false
  /// Whether other boxes' overlays keep it from being made.
  package var isAboutRivals = false

  package init(_ description: String, hint: String, isAbsence: Bool = false) {
    self.description = description
    self.hint = hint
    self.isAbsence = isAbsence
  }

  /// A transaction of apk is under way, or was while the snapshot was made.
  package static func transaction(_ holder: LockTable.Holder?) -> StoreError {
    var error = StoreError(
      "\(holder.map(Policy.apk) ?? "apk") is in the middle of a transaction, of which a snapshot would hold a half",
      hint: "it is saved when that has ended; lbuctl status tells")
    error.isPutOff = true
    return error
  }

  static func unsettled(_ path: String, _ error: any Error) -> StoreError {
    var unsettled = StoreError(
      "\(path) is in place but may not survive a power cut: \(error)",
      hint: "the medium may be dying: copy what it holds and replace it; then: lbuctl commit")
    unsettled.isUnsettled = true
    return unsettled
  }

  /// The new snapshot is safe, and another one that the boot loader takes too is still there.
  static func rivalStays(_ path: String, _ error: any Error) -> StoreError {
    var error = StoreError(
      "\(path) is in place, but another overlay may boot instead of it: \(error)",
      hint: "lbud tries again; or remove it by hand")
    error.isUnsettled = true
    return error
  }

  static func damaged(_ path: String, _ error: any Error) -> StoreError {
    var damaged = StoreError(
      "\(path) is no whole snapshot: \(error)",
      hint: "it would not boot as it was saved; the next commit replaces it and keeps it under a dated name")
    damaged.isDamage = true
    return damaged
  }

  static func notConfigured() -> StoreError {
    var error = StoreError(
      "no media is configured: neither LBU_MEDIA nor LBU_BACKUPDIR is set in \(Settings.path.display)",
      hint: "set LBU_MEDIA to the name of a directory in /media", isAbsence: true)
    error.isUnconfigured = true
    return error
  }

  package static func settingsChanged() -> StoreError {
    StoreError("the settings have changed in the meantime", hint: "try again")
  }

  static func busy(_ path: String) -> StoreError {
    StoreError("\(path) is being written to by another lbud", hint: "wait until it is done, then: lbuctl commit")
  }

  package static func rivals(_ path: String, _ names: [String]) -> StoreError {
    var error = StoreError(
      "\(path) holds other overlays that the boot loader could take: \(names.joined(separator: ", "))",
      hint: "lbuctl commit -d removes them, once this box's own snapshot is safe")
    error.isAboutRivals = true
    return error
  }

  static func mismatch(_ path: String, _ reason: String) -> StoreError {
    StoreError(
      "\(path): what was written cannot be read back: \(reason); the current snapshot is untouched",
      hint: "the medium may be dying: copy what it holds and replace it")
  }

  static func unusable(_ path: String, _ what: String) -> StoreError {
    StoreError("\(path) is \(what)", hint: "move it away, then: lbuctl commit")
  }

  /// An error of the file system, with the way out that fits its errno.
  static func from(_ error: FileError, media: String) -> StoreError {
    StoreError(error.description, hint: hint(for: error.code, media: media))
  }

  private static func hint(for code: Int32, media: String) -> String {
    switch code {
    case ENOSPC: "\(media) is full: \(remedyForSpace)"
    case EDQUOT: "the quota of \(media) is used up: raise it, or \(remedyForSpace)"
    case EFBIG: "raise the limit of a file's size: ulimit -f unlimited, in the environment of lbud"
    case EROFS: "\(media) is read-only: mount -o remount,rw \(media); if that fails the medium may be dying: dmesg"
    case EACCES, EPERM: "lbud must run as root to write to \(media)"
    case EIO: "the medium may be dying: copy what it holds and replace it"
    // ext4 says so of what fails its checksum, and of what cannot be.
    case EBADMSG, EUCLEAN:
      "the file system of \(media) is damaged: unmount it, run fsck on its device, and try again: lbuctl commit"
    default: "the current snapshot is untouched; try again: lbuctl commit"
    }
  }

  static let remedyForSpace = SpaceNeed.remedy
}
