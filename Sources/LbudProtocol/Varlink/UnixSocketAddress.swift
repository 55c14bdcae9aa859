import Glibc

/// O_PATH, which the Glibc module leaves out because it is a GNU extension.
private let openPath: CInt = 0o10000000

/// Why a path cannot be the address of a socket.
package enum UnixSocketAddressError: Error, Sendable, Equatable {
  case tooLong
  /// The directory of a long path cannot be opened.
  case directory(errno: CInt)
  /// It is empty or has a NUL, which would make it an abstract address.
  case noPath
}

/// The address of a Unix socket, of any length that `/proc` can shorten.
///
/// `sun_path` holds 107 bytes and a NUL. A longer path is reached through `/proc/self/fd/N/NAME`, N being its directory,
/// opened with O_PATH and kept open as long as the address lives.
package struct UnixSocketAddress: ~Copyable {
  /// The bytes that fit `sun_path` beside its NUL.
  package static let maximumLength = 107

  private var address = sockaddr_un()
  private var directory: CInt = -1

  package init(path: String) throws(UnixSocketAddressError) {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, !bytes.contains(0) else { throw .noPath }
    guard bytes.count > Self.maximumLength else {
      fill(with: bytes)
      return
    }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { throw .tooLong }
    let parent = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    let name = bytes[(slash + 1)...]
    let descriptor = open(parent, openPath | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .directory(errno: errno) }
    let short = Array("/proc/self/fd/\(descriptor)/".utf8) + name
    // Without /proc the short path would say ENOENT about a socket that is there.
    guard !name.isEmpty, short.count <= Self.maximumLength, access("/proc/self/fd", F_OK) == 0 else {
      close(descriptor)
      throw .tooLong
    }
    directory = descriptor
    fill(with: short)
  }

  deinit {
    if directory >= 0 { close(directory) }
  }

  private mutating func fill(with path: [UInt8]) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
  }

  /// Lends the address to `connect` or `bind`.
  package borrowing func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// What errno means, in the words of the C library.
package func errnoWords(_ number: CInt) -> String {
  guard let words = strerror(number) else { return "error \(number)" }
  let text = String(cString: words)
  return text.prefix(1).lowercased() + text.dropFirst()
}
