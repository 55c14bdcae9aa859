import Crypto
import LbudCore

/// What tells a snapshot from another one, encrypted or not, whatever its name is and wherever it was copied: its size, and
/// how it begins and ends. An encrypted one begins with a random salt; others end with a checksum of all that they hold.
enum SnapshotIdentity {
  private static let ends = 4096

  /// - Throws: `FileError`.
  static func read(_ file: borrowing Descriptor, path: String) throws(FileError) -> Confirmation.Identity {
    let size = try file.status(path: path).size
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ends, alignment: 16)
    defer { buffer.deallocate() }
    var hash = SHA256()
    withUnsafeBytes(of: size.littleEndian) { hash.update(bufferPointer: $0) }
    for offset in [0, size - min(size, UInt64(ends))] {
      let count = try file.read(at: offset, into: buffer, path: path)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return hexadecimal(hash.finalize())
  }
}
