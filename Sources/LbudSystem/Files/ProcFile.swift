import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files of `/proc`, of the running system whatever root lbud was given (proc(5)).
enum ProcFile {
  /// Reads one to its end: the kernel gives it piece by piece.
  /// - Parameter limit: bytes; what is behind them is left out.
  /// - Throws: `FileError`.
  static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = Descriptor(owning: try retrying("open", path) { systemOpen(path, O_RDONLY | O_CLOEXEC) })
    var text: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: min(limit, 32 * 1024), alignment: 16)
    defer { chunk.deallocate() }
    while text.count < limit {
      let count = try file.read(into: chunk, path: path)
      if count == 0 { break }
      text.append(contentsOf: chunk[..<count])
    }
    return text
  }
}
