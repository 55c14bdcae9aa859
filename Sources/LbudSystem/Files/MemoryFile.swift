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
    let raw = clbud_memfd("lbud")
    guard raw >= 0 else { throw .noMemory(FileError("make", path)) }
    return Descriptor(owning: raw)
  }

  /// The path by which a program that lbud calls reaches an open file: as this process has it, so that nothing need be
  /// handed down. As the kernel names the process in the /proc that is mounted, which may be one of another namespace.
  static func reachable(_ raw: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 32)
    let size = buffer.count - 1
    let count = readlink("/proc/self", &buffer, size)
    let process =
      count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : "\(getpid())"
    return "/proc/\(process)/fd/\(raw)"
  }
}

/// A file in memory that holds a secret, which is overwritten when its owner lets go of it: its memory may be given to
/// somebody else.
final class SecretFile {
  private let descriptor: Descriptor
  private let count: Int

  /// - Throws: `StoreError`.
  init(_ secret: Secret) throws(StoreError) {
    descriptor = try MemoryFile.make()
    count = secret.bytes.count
    try write(secret.bytes)
  }

  deinit { try? write([UInt8](repeating: 0, count: count)) }

  var raw: Int32 { descriptor.raw }

  private func write(_ bytes: [UInt8]) throws(StoreError) {
    let raw = descriptor.raw
    var done = 0
    do throws(FileError) {
      while done < bytes.count {
        let offset = done
        done += try retrying("write", MemoryFile.path) {
          bytes.withUnsafeBytes { pwrite(raw, $0.baseAddress?.advanced(by: offset), $0.count - offset, off_t(offset)) }
        }
      }
    } catch {
      throw .noMemory(error)
    }
  }
}
