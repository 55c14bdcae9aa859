import Crypto
import LbudArchive
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A snapshot as it is sent: what the media does meanwhile is no concern of it.
package struct UploadContent: Sendable {
  let file: HeldFile
  /// Bytes.
  package var size: UInt64

  init(file: HeldFile, size: UInt64) {
    self.file = file
    self.size = size
  }

  /// Something small.
  /// - Throws: `FileError`.
  package init(bytes: [UInt8]) throws(FileError) {
    file = HeldFile(try MemoryFile.make(bytes, called: MemoryFile.path))
    size = UInt64(bytes.count)
  }

  /// In hexadecimal digits.
  /// - Throws: `FileError`.
  package func sha256() throws(FileError) -> String {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { chunk.deallocate() }
    var hash = SHA256()
    var offset: UInt64 = 0
    while offset < size {
      let count = try file.descriptor.read(at: offset, into: chunk, path: MemoryFile.path)
      guard count > 0 else { throw FileError("read", MemoryFile.path, code: EIO) }
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      offset += UInt64(count)
    }
    return hexadecimal(Array(hash.finalize()))
  }

  final class HeldFile: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }
}

extension SnapshotStore {
  /// Up to so many bytes are copied into memory first, so that a slow network holds up no commit and no unmounting. A larger
  /// one is sent from the medium, which is in use for so long.
  static let uploadedFromMemory: UInt64 = 32 << 20

  /// Opens a snapshot to be sent, once all of it was found to be whole: a damaged one must not take the place of one that
  /// boots.
  /// - Parameters:
  ///   - name: of its file, with the folder in front.
  ///   - size: what it should have, in bytes.
  ///   - say: takes what is worth a debug line.
  /// - Throws: `StoreError`; `CancellationError` where it is interrupted.
  package func contentForUpload(
    _ name: String, size: UInt64, say: @escaping (String) -> Void
  ) throws -> UploadContent {
    let shown = path + "/" + name
    return try explaining("\(shown) cannot be read", hint: "lbud tries again") {
      try mount.withAccess(.reading, note: { say($0.line) }, say: say) {
        let file = try openIn(mount.open(), Array(name.utf8), shown)
        guard try file.status(path: shown).size == size else { throw StoreError.notAsKnown(shown) }
        guard size <= Self.uploadedFromMemory else {
          try check(file, size, name, shown)
          return UploadContent(file: .init(file), size: size)
        }
        let copy = try MemoryFile.make()
        try Self.copy(file, to: copy, size: size, path: shown)
        try check(copy, size, name, shown)
        return UploadContent(file: .init(copy), size: size)
      }
    }
  }

  /// An encrypted one is sent as it is: whether it is whole tells nobody who has not its password.
  private func check(_ file: borrowing Descriptor, _ size: UInt64, _ name: String, _ shown: String) throws {
    guard Self.cipher(of: name) == nil else { return }
    let raw = file.raw
    let findings = try SnapshotCheck.run(fileSize: size) { offset, buffer in
      if isInterrupted() { throw CancellationError() }
      return try Descriptor.read(raw, at: offset, into: buffer, path: shown)
    }
    if let damage = findings.damages.first {
      throw StoreError(
        "\(shown) is damaged, and is not published: \(damage.path.map { "/\($0.display): " } ?? "")\(damage.reason)",
        hint: "the next commit replaces it; the medium may be dying: lbuctl verify --all, and have another one ready")
    }
  }

  private static func copy(
    _ file: borrowing Descriptor, to target: borrowing Descriptor, size: UInt64, path: String
  ) throws(FileError) {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    defer { chunk.deallocate() }
    var offset: UInt64 = 0
    while offset < size {
      let count = try file.read(at: offset, into: chunk, path: path)
      guard count > 0 else { throw FileError("read", path, code: EIO) }
      try target.writeAll(UnsafeRawBufferPointer(rebasing: chunk[..<count]), path: MemoryFile.path)
      offset += UInt64(count)
    }
  }
}

extension StoreError {
  fileprivate static func notAsKnown(_ path: String) -> StoreError {
    StoreError("\(path) is another file than a moment ago", hint: "lbud tries again")
  }
}
