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
  /// - Parameters:
  ///   - packageKind: the digest of the package database to compute in the same pass.
  /// - Returns: nil where the file has gone, or is no regular file any more: an event will tell what is there now.
  /// - Throws: `FileError`.
  func read(
    _ name: [UInt8], in directory: borrowing Descriptor, path: BytePath, packageKind: PackageDigest.Kind?
  ) throws(FileError) -> ReadContent? {
    let file: Descriptor
    do {
      file = try directory.openFile(name, path: path)
    } catch let error where error.code == ENOENT || error.code == ELOOP || error.code == ENXIO {
      return nil
    }
    let stamp = SystemClock.fileStamp()
    let before = try file.status(path: "/" + path.display)
    guard before.kind == .file else { return nil }

    var sha256 = SHA256()
    var sha1 = Insecure.SHA1()
    try Self.forEachChunk(of: file, path: path) { chunk in
      sha256.update(bufferPointer: chunk)
      if packageKind == .sha1 { sha1.update(bufferPointer: chunk) }
    }
    let after = try file.status(path: "/" + path.display)
    let whole = sha256.finalize()
    guard let digest = ContentDigest(whole) else { throw FileError("hash", path, code: EINVAL) }
    let packageDigest = packageKind.map { kind in
      PackageDigest(kind: kind, bytes: kind == .sha1 ? Array(sha1.finalize()) : Array(whole.prefix(20)))
    }
    return ReadContent(
      status: after, digest: digest, packageDigest: packageDigest,
      isSettled: before.signature == after.signature && before.changed < stamp)
  }

  private static func forEachChunk(
    of file: borrowing Descriptor, path: BytePath, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer, path: "/" + path.display)
      if count == 0 { return }
      body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// The digest of a symlink's target in the database's kind.
  static func digest(ofTarget target: [UInt8], kind: PackageDigest.Kind) -> PackageDigest {
    switch kind {
    case .sha1: PackageDigest(kind: kind, bytes: Array(Insecure.SHA1.hash(data: target)))
    case .sha256Cut: PackageDigest(kind: kind, bytes: Array(SHA256.hash(data: target).prefix(20)))
    }
  }
}
