import Crypto
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The files in `LBUD/` that say that the current snapshot is still to be confirmed: `CONFIRM.1`, and where that was
/// written anew the next number. The boot loader takes no notice of them.
///
/// Each is made once under its own name and never renamed: so no power cut leaves two names of one place. It ends with a
/// hash of itself; one that is cut short was never in force, since it is safe before the snapshot takes its place.
enum ConfirmationFiles {
  static let prefix = Array("CONFIRM.".utf8)
  private static let hashMark = Array("\nsha256=".utf8)
  private static let limit = 16 * 1024

  struct Found {
    /// The one that counts.
    var confirmation: Confirmation?
    /// All of them, whole or not.
    var names: [[UInt8]] = []
    /// Those that are not whole, or could not be read.
    var damaged: [[UInt8]] = []
    /// Why the first of them could not be read: another time it may be.
    var unreadable: FileError?
  }

  /// - Throws: `FileError` where the folder cannot be read.
  static func read(in folder: borrowing Descriptor, path: String) throws(FileError) -> Found {
    var found = Found()
    for name in try folder.names(path: BytePath(path)).sorted(by: { $0.lexicographicallyPrecedes($1) })
    where name.starts(with: prefix) {
      var bytes: [UInt8] = []
      do throws(FileError) {
        let shown = BytePath(path + "/" + displayText(of: name))
        guard try folder.status(of: name, path: shown)?.kind == .file else { continue }
        bytes = try content(name, in: folder, path)
      } catch {
        found.unreadable = found.unreadable ?? error
      }
      found.names.append(name)
      guard let confirmation = decode(bytes) else {
        found.damaged.append(name)
        continue
      }
      if confirmation.serial > found.confirmation?.serial ?? 0 { found.confirmation = confirmation }
    }
    return found
  }

  private static func content(
    _ name: [UInt8], in folder: borrowing Descriptor, _ path: String
  ) throws(FileError) -> [UInt8] {
    let shown = path + "/" + displayText(of: name)
    let file = try folder.openFile(name, path: BytePath(shown))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 16)
    defer { buffer.deallocate() }
    return Array(buffer[..<(try file.read(at: 0, into: buffer, path: shown))])
  }

  static func encode(_ confirmation: Confirmation) -> [UInt8] {
    let kept = confirmation.kept
    return kept + hashMark + Array(hash(kept[...]).utf8)
  }

  static func decode(_ bytes: [UInt8]) -> Confirmation? {
    let hashSize = hashMark.count + 64
    guard bytes.count > hashSize else { return nil }
    let kept = bytes.dropLast(hashSize)
    guard bytes.suffix(hashSize).starts(with: hashMark), bytes.suffix(64).elementsEqual(hash(kept).utf8) else {
      return nil
    }
    return try? Confirmation(kept: Array(kept))
  }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> String {
    hexadecimal(SHA256.hash(data: bytes))
  }

  // MARK: Writing

  /// Writes one that counts more than all others, and sees that it is on the medium.
  /// - Returns: its name.
  /// - Throws: `FileError`, or `StoreError` where it cannot be read back; then nothing of it is left that counts.
  static func write(_ confirmation: Confirmation, by publisher: Publisher) throws -> [UInt8] {
    let (folder, path) = (publisher.ownFolder.raw, publisher.folderPath)
    let taken = Set(try publisher.folder.names(path: BytePath(path)))
    let bytes = encode(confirmation)
    // 8.3 and upper case, so that vfat needs one directory entry.
    for number in 1...999 {
      let name = prefix + Array("\(number)".utf8)
      guard !taken.contains(name) else { continue }
      let shown = path + "/" + displayText(of: name)
      let raw = openat(folder, cString(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      if raw < 0, errno == EEXIST { continue }
      guard raw >= 0 else { throw FileError("make", shown) }
      let file = Descriptor(owning: raw)
      do {
        let count = try retrying("write", shown) { bytes.withUnsafeBytes { systemWrite(raw, $0) } }
        guard count == bytes.count else { throw FileError("write", shown, code: ENOSPC) }
        // As with a snapshot: the table of clusters before the name that needs it.
        try publisher.flushDevice()
        try file.synchronize(path: shown)
        try publisher.folder.synchronize(path: path)
        try file.synchronize(path: shown)
        try publisher.flushDevice()
        // As with a snapshot, what the page cache holds proves nothing.
        posix_fadvise(raw, 0, 0, POSIX_FADV_DONTNEED)
        guard decode(try content(name, in: publisher.folder, path)) == confirmation else {
          throw StoreError.mismatch(shown, "it holds something else")
        }
        return name
      } catch {
        try? remove([name], by: publisher)
        throw error
      }
    }
    throw FileError("find a free name in", path, code: EEXIST)
  }

  /// Removes some, and sees that they are gone from the medium; each is held open until then, for the reason that
  /// `Publisher.prune` has.
  /// - Throws: `FileError` where one of them is still there; the others are gone.
  static func remove(_ names: [[UInt8]], by publisher: Publisher) throws(FileError) {
    guard !names.isEmpty else { return }
    let (folder, path) = (publisher.ownFolder.raw, publisher.folderPath)
    var held: [SharedDescriptor] = []
    defer { withExtendedLifetime(held) {} }
    var failure: FileError?
    for name in names {
      if let file = SharedDescriptor.opening(name, in: folder) { held.append(file) }
      if unlinkat(folder, cString(name), 0) != 0, errno != ENOENT {
        failure = failure ?? FileError("remove", path + "/" + displayText(of: name))
      }
    }
    try publisher.folder.synchronize(path: path)
    try publisher.flushDevice()
    if let failure { throw failure }
  }
}
