import Glibc
import LbudProtocol

/// Why the server cannot listen.
package enum ListenError: Error, Sendable, Equatable {
  /// Another daemon answers on the socket.
  case inUse(path: String, pid: Int32? = nil)
  /// Something is at the path that is not a socket of this kind; it is left alone.
  case notASocket(path: String)
  case pathTooLong(path: String)
  /// A system call failed; `doing` says what it was for.
  case failed(doing: String, path: String, errno: CInt)
  /// The kernel closed the listening socket.
  case ended(path: String)
}

extension ListenError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .inUse(let path, let pid):
      "another lbud\(pid.map { " (pid \($0))" } ?? "") answers on \(path): stop it, or choose another socket with --socket"
    case .notASocket(let path):
      "cannot listen on \(path): something that is not a stream socket is there: move it away, or choose another socket"
        + " with --socket"
    case .pathTooLong(let path):
      "cannot listen on \(path): the path is too long for a socket: choose one of at most"
        + " \(UnixSocketAddress.maximumLength) bytes with --socket"
    case .failed(let doing, let path, let number):
      "cannot \(doing) \(path): \(errnoWords(number))"
    case .ended(let path):
      "no longer listening on \(path): its socket failed: start lbud again"
    }
  }
}

/// A listening Unix socket and the name it has in the file system.
struct VarlinkListener: Sendable {
  /// Owned by whoever takes it.
  let descriptor: CInt
  /// Nil where the name is somebody else's.
  let name: Name?

  struct Name {
    var path: String
    var device: dev_t
    var inode: ino_t
  }

  /// Takes a socket that somebody else has made, listens on, and gives its name: a service manager.
  init(passed descriptor: CInt) {
    self.descriptor = descriptor
    name = nil
  }

  /// Makes the socket, in place of one that a daemon left behind which is gone.
  ///
  /// Two daemons that start in the same instant can both take a left socket for dead; the daemon's lock is what keeps
  /// them apart, not this.
  init(path: String, mode: mode_t) throws(ListenError) {
    let address: UnixSocketAddress
    do {
      address = try UnixSocketAddress(path: path)
    } catch {
      switch error {
      case .tooLong: throw .pathTooLong(path: path)
      case .noPath: throw .failed(doing: "create the socket", path: path, errno: EINVAL)
      case .directory(let number): throw .failed(doing: "open the directory of", path: path, errno: number)
      }
    }
    try Self.removeStale(path, address)

    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .failed(doing: "make a socket for", path: path, errno: errno) }
    var status = stat()
    // Linux gives the name the mode of the socket itself, less the umask. Setting it beforehand instead of setting the
    // umask leaves the files alone that other threads create meanwhile. The wished mode comes before `listen`, and
    // until that nobody can connect.
    let steps: [(String, () -> CInt)] = [
      ("restrict the socket", { fchmod(descriptor, 0o600) }),
      ("create the socket", { address.withPointer { bind(descriptor, $0, $1) } }),
      ("set the mode of", { chmod(path, mode) }),
      ("look at", { lstat(path, &status) }),
      ("listen on", { listen(descriptor, 128) }),
    ]
    for (doing, step) in steps where step() != 0 {
      let number = errno
      close(descriptor)
      throw number == EADDRINUSE ? .inUse(path: path) : .failed(doing: doing, path: path, errno: number)
    }
    self.descriptor = descriptor
    name = Name(path: path, device: status.st_dev, inode: status.st_ino)
  }

  /// Takes the name away, unless it is another daemon's by now.
  func unlinkSocket() {
    var status = stat()
    guard let name, lstat(name.path, &status) == 0, status.st_dev == name.device, status.st_ino == name.inode else {
      return
    }
    unlink(name.path)
  }

  private static func removeStale(_ path: String, _ address: borrowing UnixSocketAddress) throws(ListenError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .failed(doing: "look at", path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }

    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let probe = socket(AF_UNIX, kind, 0)
    guard probe >= 0 else { throw .failed(doing: "make a socket for", path: path, errno: errno) }
    defer { close(probe) }
    let number = address.withPointer { connect(probe, $0, $1) == 0 ? 0 : errno }
    switch number {
    case 0: throw .inUse(path: path, pid: Self.pid(listeningTo: probe))
    // EAGAIN: somebody listens and has more connections waiting than it takes.
    case EAGAIN, EINPROGRESS: throw .inUse(path: path)
    case ECONNREFUSED:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw .failed(doing: "remove the stale socket", path: path, errno: errno)
      }
    case ENOENT: return
    case EPROTOTYPE: throw .notASocket(path: path)
    default: throw .failed(doing: "find out who listens on", path: path, errno: number)
    }
  }

  /// Of the process that called listen(2), see unix(7).
  private static func pid(listeningTo connected: CInt) -> Int32? {
    var credentials = PeerCredentials()
    var length = socklen_t(MemoryLayout<PeerCredentials>.size)
    guard getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
    return credentials.pid > 0 ? credentials.pid : nil
  }
}
