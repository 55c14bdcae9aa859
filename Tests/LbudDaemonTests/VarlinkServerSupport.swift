import Dispatch
import Glibc
import LbudDaemon
import LbudProtocol
import Logging
import Synchronization
import Testing

struct Failed: Error {
  let what: String
}

/// Runs what blocks away from the threads that the server's tasks need.
func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue(label: "blocking test client").async {
      continuation.resume(with: Result { try body() })
    }
  }
}

/// Gives a directory of its own, which is gone afterwards.
func withDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
  var template = Array("/tmp/lbud-varlink-XXXXXX".utf8CString)
  guard let made = mkdtemp(&template) else { throw Failed(what: "mkdtemp: \(errnoWords(errno))") }
  let directory = String(cString: made)
  defer { remove(tree: directory) }
  return try await body(directory)
}

private func remove(tree directory: String) {
  if let stream = opendir(directory) {
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      if unlink(directory + "/" + name) != 0 { remove(tree: directory + "/" + name) }
    }
    closedir(stream)
  }
  rmdir(directory)
}

let quietLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// The server lives. It may not have noticed yet that those have left who have taken all its places.
func expectAnswer(_ path: String) async throws {
  let answer = try await blocking {
    while true {
      do {
        return try VarlinkClient(socketPath: path).call("t.e.Echo", Echo(text: "alive"), as: Echo.self)
      } catch {
        guard case .remote(let remote)? = error as? ClientError, remote.name == "io.lbud.LimitExceeded" else {
          throw error
        }
      }
    }
  }
  #expect(answer == Echo(text: "alive"))
}

/// Runs a server while `body` runs, and expects both to end well.
@discardableResult func withServer<T: Sendable>(
  at path: String, mode: UInt32 = 0o600, limits: ConnectionLimits = ConnectionLimits(),
  handler: any VarlinkHandler = EchoHandler(), _ body: @Sendable () async throws -> T
) async throws -> T {
  let server = VarlinkServer(
    socketPath: path, mode: mode, limits: limits, handler: handler,
    logger: quietLogger)
  let (listening, listens) = AsyncStream.makeStream(of: Void.self)
  async let running: Void = {
    defer { listens.finish() }
    try await server.run { listens.yield() }
  }()
  var iterator = listening.makeAsyncIterator()
  guard await iterator.next() != nil else {
    try await running
    throw Failed(what: "the server ended before it listened")
  }
  do {
    let result = try await body()
    server.shutdown()
    try await running
    return result
  } catch {
    server.shutdown()
    try await running
    throw error
  }
}

struct Echo: Codable, Sendable, Equatable {
  var text = ""
  var number = 0
}

struct WhoAmI: Codable, Sendable, Equatable {
  let uid: UInt32
  let gid: UInt32
  let pid: Int32
}

/// What happened in a handler, to be waited for.
final class Facts: Sendable {
  private struct State {
    var facts: [String] = []
    var waiting: [(String, CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  func note(_ fact: String) {
    let ready = state.withLock { state in
      state.facts.append(fact)
      let ready = state.waiting.filter { $0.0 == fact }.map(\.1)
      state.waiting.removeAll { $0.0 == fact }
      return ready
    }
    for continuation in ready { continuation.resume() }
  }

  func wait(for fact: String) async {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.facts.contains(fact) { return true }
        state.waiting.append((fact, continuation))
        return false
      }
      if known { continuation.resume() }
    }
  }

  var all: [String] { state.withLock { $0.facts } }
}

/// A small service, `t.e`.
struct EchoHandler: VarlinkHandler {
  let facts: Facts

  init(facts: Facts = Facts()) {
    self.facts = facts
  }

  func handle(_ call: IncomingCall, from peer: Peer, to replies: ReplyWriter) async throws {
    switch call.method {
    case "t.e.Echo":
      let echo = try call.parameters(as: Echo.self)
      facts.note("echo \(echo.text)")
      try await replies.send(echo)
    case "t.e.Count":
      let last = try call.parameters(as: Echo.self).number
      for number in 1...last { try await replies.send(Echo(number: number), continues: number < last) }
    case "t.e.Forever":
      defer { facts.note("forever ended") }
      while true { try await replies.send(Echo(text: String(repeating: "x", count: 5_000)), continues: true) }
    case "t.e.Tell":
      defer { facts.note("tell ended") }
      while true {
        try await replies.send(Echo(text: String(repeating: "x", count: 5_000)), continues: true, isPatient: false)
      }
    case "t.e.Hang":
      facts.note("hang began")
      defer { facts.note("hang ended") }
      try await Task.sleep(for: .seconds(3600))
    case "t.e.WhoAmI":
      try await replies.send(WhoAmI(uid: peer.uid, gid: peer.gid, pid: peer.pid))
    case "t.e.Fail":
      throw VarlinkError("t.e.Failed", ["message": "on purpose", "hint": "do not call it"])
    case "t.e.Crash":
      throw Failed(what: "a bug")
    case "t.e.Silent":
      return
    case "t.e.Twice":
      try await replies.send(Echo(number: 1))
      try await replies.send(Echo(number: 2))
    default:
      throw VarlinkError.methodNotFound(call.method)
    }
  }
}

/// A connection without a client's manners.
final class RawConnection: Sendable {
  private struct State {
    var descriptor: CInt
    var decoder = FrameDecoder(limit: 1 << 26)
  }

  private let state: Mutex<State>

  init(_ path: String) throws {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    let address = try UnixSocketAddress(path: path)
    guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
      throw Failed(what: "connect: \(errnoWords(errno))")
    }
    state = Mutex(State(descriptor: descriptor))
  }

  deinit {
    leave()
  }

  func leave() {
    state.withLock { state in
      if state.descriptor >= 0 { close(state.descriptor) }
      state.descriptor = -1
    }
  }

  /// False if the other end has closed.
  @discardableResult func send(_ bytes: some Sequence<UInt8>) -> Bool {
    let bytes = Array(bytes)
    return state.withLock { state in
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Glibc.send(state.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  func finishSending() {
    state.withLock { _ = shutdown($0.descriptor, CInt(SHUT_WR)) }
  }

  /// The next frame as text; nil when the other end has closed.
  func receive() throws -> String? {
    try state.withLock { state in
      while true {
        if let frame = try state.decoder.next() { return String(decoding: frame, as: UTF8.self) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(state.descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        state.decoder.append(buffer[..<count])
      }
    }
  }
}
