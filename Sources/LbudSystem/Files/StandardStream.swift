#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Standard output and standard error of a command, without a buffer: what is written is out.
package enum StandardStream {
  /// - Returns: false where not all of it could be written: the reader has gone, or the disk is full.
  package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }
}
