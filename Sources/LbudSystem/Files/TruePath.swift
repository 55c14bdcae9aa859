#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Paths as the kernel knows them: absolute, not confined to the root that lbud was given, without symlinks.
enum TruePath {
  /// - Returns: nil where there is no `/proc`.
  static var ofWorkingDirectory: [UInt8]? { target(of: "/proc/self/cwd") }

  fileprivate static func target(of link: String) -> [UInt8]? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let size = buffer.count
    let count = readlink(link, &buffer, size)
    return count > 0 ? buffer[..<count].map { UInt8(bitPattern: $0) } : nil
  }
}

extension Descriptor {
  /// - Returns: nil where there is no `/proc`.
  var truePath: [UInt8]? { TruePath.target(of: "/proc/self/fd/\(raw)") }
}
