import Crypto
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What reading a file told.
struct ReadContent {
  var status: FileStatus
  var digest: ContentDigest
  /// In the kind that the package database has for it, where that was asked for.
  var packageDigest: PackageDigest?
  /// Whether a later change would show in the file's signature, so that the digest may be kept with it.
  var isSettled: Bool
}

/// Reads files for their digests.
struct ContentReader {
  static let bufferSize = 64 * 1024

  /// - Parameters:
  ///   - packageKind: the digest of the package database to compute in the same pass.
  /// - Returns: nil where the file has gone, or is no regular file any more: an event will tell what is there now.
  /// - Throws: `FileError`.
  func read(
    _ name: [UInt8], in directory: borrowing Descriptor, path: @autoclosure () -> BytePath,
    packageKind: PackageDigest.Kind?
  ) throws(FileError) -> ReadContent? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    return try read(name, in: directory, path: path(), packageKind: packageKind, through: buffer)
  }

  /// - Parameter buffer: for whoever reads many files; what is in it afterwards is of no use.
  func read(
    _ name: [UInt8], in directory: borrowing Descriptor, path: @autoclosure () -> BytePath,
    packageKind: PackageDigest.Kind?, through buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> ReadContent? {
    let file: Descriptor
    do {
      file = try directory.openFile(name, path: path())
    } catch let error where error.code == ENOENT || error.code == ELOOP || error.code == ENXIO {
      return nil
    }
    let stamp = SystemClock.fileStamp()
    let before = try file.status(path: "/" + path().display)
    guard before.kind == .file else { return nil }

    var sha256 = SHA256()
    var sha1 = packageKind == .sha1 ? Insecure.SHA1() : nil
    var left = before.size
    while true {
      let count = try file.read(into: buffer, path: "/" + path().display)
      let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      sha256.update(bufferPointer: chunk)
      sha1?.update(bufferPointer: chunk)
      // At the size that it had the file ends; has it grown since, its status tells. One without a size (of /proc, mounted
      // there) is read until nothing comes.
      if count == 0 || UInt64(count) == left { break }
      left = left > UInt64(count) ? left - UInt64(count) : 0
    }
    let after = try file.status(path: "/" + path().display)
    let whole = sha256.finalize()
    guard let digest = whole.withUnsafeBytes({ ContentDigest(memory: $0) }) else {
      throw FileError("hash", path(), code: EINVAL)
    }
    let packageDigest = packageKind.map { kind in
      PackageDigest(kind: kind, bytes: sha1.map { Array($0.finalize()) } ?? Array(whole.prefix(20)))
    }
    return ReadContent(
      status: after, digest: digest, packageDigest: packageDigest,
      isSettled: before.signature == after.signature && before.changed < stamp)
  }

  /// What a file holds that was looked at before, and of which any change since would show.
  ///
  /// - Parameters:
  ///   - signature: what it was then.
  ///   - buffer: for whoever reads many files; what is in it afterwards is of no use.
  /// - Returns: nil where it is another one by now.
  /// - Throws: `FileError`.
  func digest(
    _ name: [UInt8], knownAs signature: FileStatus.Signature, in directory: borrowing Descriptor,
    path: @autoclosure () -> BytePath, through buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> ContentDigest? {
    guard signature.size > 0 else {
      // One of /proc, mounted there, has more than it says.
      let content = try read(name, in: directory, path: path(), packageKind: nil, through: buffer)
      return content.flatMap { $0.isSettled && $0.status.signature == signature ? $0.digest : nil }
    }
    let file = try directory.openFile(name, path: path())
    var sha256 = SHA256()
    var left = signature.size
    while left > 0 {
      let count = try file.read(into: buffer, path: "/" + path().display)
      guard count > 0, UInt64(count) <= left else { return nil }
      sha256.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      left -= UInt64(count)
    }
    guard try file.status(path: "/" + path().display).signature == signature else { return nil }
    return sha256.finalize().withUnsafeBytes { ContentDigest(memory: $0) }
  }

  /// The digest of a symlink's target in the database's kind.
  static func digest(ofTarget target: [UInt8], kind: PackageDigest.Kind) -> PackageDigest {
    switch kind {
    case .sha1: PackageDigest(kind: kind, bytes: Array(Insecure.SHA1.hash(data: target)))
    case .sha256Cut: PackageDigest(kind: kind, bytes: Array(SHA256.hash(data: target).prefix(20)))
    }
  }
}
