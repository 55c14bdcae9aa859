import CLbud
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files that have no name and lie on no medium: for what must not be written there.
enum MemoryFile {
  /// What errors about one name in the place of a path.
  static let path = "the archive in memory"

  /// - Returns: an empty one, open for reading and writing.
  /// - Throws: `StoreError`.
  static func make() throws(StoreError) -> Descriptor {
    do { return try make([]) } catch { throw .noMemory(error) }
  }

  /// - Parameters:
  ///   - content: what it holds.
  ///   - path: what errors name.
  /// - Throws: `FileError`.
  static func make(_ content: [UInt8], called path: String = path) throws(FileError) -> Descriptor {
    let file = Descriptor(owning: try retrying("make", path) { clbud_memfd("lbud") })
    try fill(file.raw, content, called: path)
    return file
  }

  fileprivate static func fill(_ raw: Int32, _ content: [UInt8], called path: String = path) throws(FileError) {
    var done = 0
    while done < content.count {
      let offset = done
      done += try retrying("write", path) {
        content.withUnsafeBytes { pwrite(raw, $0.baseAddress?.advanced(by: offset), $0.count - offset, off_t(offset)) }
      }
    }
  }
}

/// A file in memory that holds a secret as one line, which is overwritten when its owner lets go of it: its memory may be
/// given to somebody else.
final class SecretFile {
  private let descriptor: Descriptor
  /// Bytes of the line.
  private let count: Int

  /// - Throws: `StoreError`.
  init(_ secret: Secret) throws(StoreError) {
    do { descriptor = try MemoryFile.make(secret.bytes + [UInt8(ascii: "\n")]) } catch { throw .noMemory(error) }
    count = secret.bytes.count + 1
  }

  deinit { try? MemoryFile.fill(descriptor.raw, [UInt8](repeating: 0, count: count)) }

  var raw: Int32 { descriptor.raw }
}
