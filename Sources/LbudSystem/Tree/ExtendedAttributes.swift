import CLbud
import Crypto
import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The digest that apk computes over a file's extended attributes (apk-tools `io.c`): of each, in the order of their
/// names, the big-endian 32-bit length and the bytes of the name, then the same of the value.
enum ExtendedAttributes {
  /// - Parameter length: of the digest in the package database: 32 asks for SHA-256, anything else for SHA-1.
  /// - Throws: `FileError`.
  static func digest(
    of name: [UInt8], in directory: borrowing Descriptor, path: BytePath, length: Int
  ) throws(FileError) -> AttributesDigest {
    let file: Descriptor
    do {
      file = try directory.openFile(name, path: path)
    } catch let error where error.code == ENOENT || error.code == ELOOP || error.code == ENXIO {
      return .none
    }
    let names = try list(file, path)
    guard !names.isEmpty else { return .none }
    var encoded: [UInt8] = []
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let value = try value(of: name, file, path) else { continue }
      append(name, to: &encoded)
      append(value, to: &encoded)
    }
    guard !encoded.isEmpty else { return .none }
    return AttributesDigest(
      bytes: length == 32 ? Array(SHA256.hash(data: encoded)) : Array(Insecure.SHA1.hash(data: encoded)))
  }

  private static func append(_ bytes: [UInt8], to encoded: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { encoded.append(contentsOf: $0) }
    encoded.append(contentsOf: bytes)
  }

  private static func list(_ file: borrowing Descriptor, _ path: BytePath) throws(FileError) -> [[UInt8]] {
    let raw = file.raw
    var buffer: [CChar] = []
    while true {
      var size = flistxattr(raw, nil, 0)
      if size > 0 {
        buffer = [CChar](repeating: 0, count: size)
        size = flistxattr(raw, &buffer, buffer.count)
      }
      if size >= 0 {
        return buffer[..<size].split(separator: 0).map { $0.map { UInt8(bitPattern: $0) } }
      }
      // ERANGE: one was added between the two calls. A file system without attributes has none.
      if errno == EOPNOTSUPP { return [] }
      guard errno == ERANGE else { throw FileError("list the extended attributes of", path) }
    }
  }

  private static func value(
    of name: [UInt8], _ file: borrowing Descriptor, _ path: BytePath
  ) throws(FileError) -> [UInt8]? {
    let raw = file.raw
    let terminated = cString(name)
    while true {
      let size = fgetxattr(raw, terminated, nil, 0)
      var buffer = [UInt8](repeating: 0, count: max(size, 0))
      let count = size > 0 ? fgetxattr(raw, terminated, &buffer, buffer.count) : size
      if count >= 0 { return Array(buffer[..<count]) }
      if errno == ENODATA { return nil }
      guard errno == ERANGE else { throw FileError("read the extended attributes of", path) }
    }
  }
}
