import Glibc
import LbudSupervision
import LbudTestSupport
import Testing

@Suite struct PassedSocketTests {
  private func made(_ family: Int32, _ kind: __socket_type, at path: String? = nil, listens: Bool = true) -> Int32 {
    let descriptor = socket(family, CInt(kind.rawValue), 0)
    if let path {
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      _ = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
    if listens { listen(descriptor, 1) }
    return descriptor
  }

  @Test func takesOnlyAUnixStreamSocketThatListens() throws {
    let directory = TemporaryDirectory()
    let good = made(AF_UNIX, SOCK_STREAM, at: directory.path + "/s")
    let bad = [
      made(AF_UNIX, SOCK_STREAM, at: directory.path + "/silent", listens: false),
      made(AF_UNIX, SOCK_DGRAM, at: directory.path + "/d"), made(AF_UNIX, SOCK_SEQPACKET, at: directory.path + "/q"),
      made(AF_INET, SOCK_STREAM), open("/dev/null", O_RDONLY), 1000,
    ]
    defer { for descriptor in bad + [good] { close(descriptor) } }
    try PassedSocket.check(good)
    #expect(PassedSocket.name(of: good) == directory.path + "/s")
    for descriptor in bad {
      #expect(throws: PassedSocketError.self) { try PassedSocket.check(descriptor) }
    }
  }

  @Test func namesWhatHasNoPath() {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    #expect(PassedSocket.name(of: descriptor) == "descriptor \(descriptor)")
    #expect(PassedSocket.name(of: 1000) == "descriptor 1000")
  }
}
