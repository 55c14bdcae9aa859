#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Descriptor {
  /// The path as the kernel knows it: absolute, not confined to the root that lbud was given, without symlinks.
  /// - Returns: nil where there is no `/proc`.
  var truePath: [UInt8]? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let size = buffer.count
    let count = readlink("/proc/self/fd/\(raw)", &buffer, size)
    return count > 0 ? buffer[..<count].map { UInt8(bitPattern: $0) } : nil
  }
}
