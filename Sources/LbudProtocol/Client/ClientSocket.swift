import Glibc

/// A connected, blocking Unix socket, closed when it is let go.
final class ClientSocket: ClientTransport {
  private let raw: CInt

  var descriptor: CInt? { raw }

  init(connectingTo path: String) throws(ClientError) {
    let address: UnixSocketAddress
    do {
      address = try UnixSocketAddress(path: path)
    } catch {
      switch error {
      case .tooLong: throw .pathTooLong(path: path)
      case .noPath: throw .notThere(path: path, errno: ENOENT)
      case .directory(let number): throw Self.failure(number, path: path)
      }
    }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .lost(reason: "cannot make a socket: \(errnoWords(errno))") }
    let number = address.withPointer { pointer, length -> CInt in
      // A Unix socket connects at once or waits for room; a signal meanwhile leaves it as it was.
      while connect(descriptor, pointer, length) != 0 {
        if errno != EINTR { return errno }
      }
      return 0
    }
    guard number == 0 else {
      close(descriptor)
      throw Self.failure(number, path: path)
    }
    raw = descriptor
  }

  deinit {
    close(raw)
  }

  private static func failure(_ number: CInt, path: String) -> ClientError {
    switch number {
    // ENOTDIR: a part of the path is a file, so the socket is missing as well.
    case ENOENT, ECONNREFUSED, ENOTDIR: .notThere(path: path, errno: number)
    case EACCES, EPERM: .notAllowed(path: path, group: group(of: path))
    case ENAMETOOLONG: .pathTooLong(path: path)
    default: .lost(reason: "cannot connect to \(path): \(errnoWords(number))")
    }
  }

  /// Whose group the socket is, if that may use it.
  private static func group(of path: String) -> UInt32? {
    var status = stat()
    let use: mode_t = 0o060
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_mode & use == use else { return nil }
    return status.st_gid
  }

  /// Sends all of it; the answer is errno, 0 if it went well.
  func send(_ bytes: [UInt8]) -> CInt {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Glibc.send(
          raw, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, CInt(MSG_NOSIGNAL))
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// What has come, at most as much as `buffer` holds; empty at the end.
  func receive(into buffer: inout [UInt8]) throws(ClientError) -> ArraySlice<UInt8> {
    while true {
      let count = buffer.withUnsafeMutableBytes { recv(raw, $0.baseAddress, $0.count, 0) }
      if count >= 0 { return buffer[..<count] }
      if errno != EINTR { throw .lost(reason: "lost the connection to lbud: \(errnoWords(errno))") }
    }
  }
}
