import CLbud
import Glibc
import LbudProtocol
import Logging
import Synchronization

/// Whose group the socket is: the kernel keeps all others out before lbud hears of them.
final class SocketAdmission: Sendable {
  private struct State: Sendable {
    var listener: VarlinkListener?
    var wished: UInt32?
    var admitted: UInt32?
  }

  private let state = Mutex(State())

  /// There is a socket now, which is nobody's but lbud's.
  func begin(_ listener: VarlinkListener, _ logger: Logger) {
    state.withLock { state in
      state.listener = listener
      Self.follow(&state, logger)
    }
  }

  func admit(group: UInt32?, _ logger: Logger) {
    state.withLock { state in
      state.wished = group
      Self.follow(&state, logger)
    }
  }

  func end() { state.withLock { $0.listener = nil } }

  private static func follow(_ state: inout State, _ logger: Logger) {
    guard let listener = state.listener, state.wished != state.admitted else { return }
    do throws(ListenError) {
      try listener.restrict()
      state.admitted = nil
      if let group = state.wished { try listener.open(to: group) }
      state.admitted = state.wished
    } catch {
      logger.warning("members of LBUD_GROUP cannot connect: \(error); run lbud as root")
    }
  }
}

extension VarlinkListener {
  /// Lets nobody connect but lbud's own user, and root.
  /// - Throws: `ListenError`.
  func restrict() throws(ListenError) {
    try change("restrict") { chmod($0, 0o600) }
  }

  /// Lets the members of a group connect too.
  /// - Throws: `ListenError`; then the socket is as restricted as it was.
  func open(to group: UInt32) throws(ListenError) {
    // First the group, while it has no rights yet.
    try change("give group \(group)") { chown($0, uid_t.max, group) }
    try change("let group \(group) use") { chmod($0, 0o660) }
  }

  /// Does something to the socket itself: what has come to its name since is another lbud's. Nothing where the name is
  /// somebody else's from the beginning.
  private func change(_ doing: String, _ call: (String) -> CInt) throws(ListenError) {
    guard let name else { return }
    let descriptor = Glibc.open(name.path, clbud_o_path | O_NOFOLLOW | O_CLOEXEC)
    var number = errno
    guard descriptor >= 0 else {
      if number == ENOENT { return }
      throw .failed(doing: doing, path: name.path, errno: number)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_dev == name.device, status.st_ino == name.inode else { return }
    // A descriptor by which nothing can be done to the file names it all the same (open(2), O_PATH).
    let result = call("/proc/self/fd/\(descriptor)")
    number = errno
    guard result == 0 else { throw .failed(doing: doing, path: name.path, errno: number) }
  }
}
