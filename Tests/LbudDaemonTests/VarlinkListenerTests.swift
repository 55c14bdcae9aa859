import Glibc
import LbudDaemon
import LbudProtocol
import Testing

@Suite(.timeLimit(.minutes(2))) struct VarlinkListenerTests {
  private func bound(_ path: String, kind: __socket_type = SOCK_STREAM) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(kind.rawValue), 0)
    let address = try UnixSocketAddress(path: path)
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
      throw Failed(what: "bind: \(errnoWords(errno))")
    }
    return descriptor
  }

  @Test func replacesTheSocketOfADeadDaemon() async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      close(try bound(path))
      #expect(access(path, F_OK) == 0)
      try await withServer(at: path) { try await expectAnswer(path) }
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func leavesTheSocketOfALivingDaemon() async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path) {
        await #expect(throws: ListenError.inUse(path: path, pid: getpid())) { try await withServer(at: path) {} }
        try await expectAnswer(path)
      }
    }
  }

  @Test func leavesWhatIsNoSocket() async throws {
    try await withDirectory { directory in
      let file = directory + "/file"
      close(open(file, O_CREAT | O_WRONLY, 0o600))
      let link = directory + "/link"
      symlink(directory + "/elsewhere", link)
      let datagrams = directory + "/datagrams"
      let descriptor = try bound(datagrams, kind: SOCK_DGRAM)
      defer { close(descriptor) }
      for path in [file, link, datagrams, directory] {
        await #expect(throws: ListenError.notASocket(path: path)) { try await withServer(at: path) {} }
        var status = stat()
        #expect(lstat(path, &status) == 0)
      }
    }
  }

  @Test func servesOnALongPath() async throws {
    try await withDirectory { directory in
      let middle = directory + "/" + String(repeating: "d", count: 150 - directory.utf8.count - 3)
      #expect(mkdir(middle, 0o700) == 0)
      let path = middle + "/s"
      #expect(path.utf8.count == 150)
      try await withServer(at: path, mode: 0o660) {
        try await expectAnswer(path)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o660)
        await #expect(throws: ListenError.inUse(path: path, pid: getpid())) { try await withServer(at: path) {} }
      }
      #expect(access(path, F_OK) != 0)
      close(try bound(path))
      try await withServer(at: path) { try await expectAnswer(path) }
    }
  }

  @Test(arguments: [0o600, 0o660, 0o666] as [UInt32])
  func hasTheModeAskedFor(mode: UInt32) async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path, mode: mode) {
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == mode)
      }
    }
  }

  @Test func leavesTheSocketOfItsSuccessor() async throws {
    try await withDirectory { directory in
      let path = directory + "/s"
      try await withServer(at: path) {
        unlink(path)
        close(try bound(path))
      }
      #expect(access(path, F_OK) == 0)
    }
  }

  @Test func saysWhatIsWrong() async throws {
    let missing = "/nonexistent/lbud.sock"
    await #expect(throws: ListenError.failed(doing: "create the socket", path: missing, errno: ENOENT)) {
      try await withServer(at: missing) {}
    }
    let long = "/tmp/" + String(repeating: "n", count: 120)
    await #expect(throws: ListenError.pathTooLong(path: long)) { try await withServer(at: long) {} }
    #expect(
      ListenError.failed(doing: "create the socket", path: missing, errno: ENOENT).description
        == "cannot create the socket /nonexistent/lbud.sock: no such file or directory")
    #expect(
      ListenError.inUse(path: "/run/lbud/lbud.sock", pid: 42).description
        == "another lbud (pid 42) answers on /run/lbud/lbud.sock: stop it, or choose another socket with --socket")
    #expect(
      ListenError.inUse(path: "/run/lbud/lbud.sock").description
        == "another lbud answers on /run/lbud/lbud.sock: stop it, or choose another socket with --socket")
  }
}
