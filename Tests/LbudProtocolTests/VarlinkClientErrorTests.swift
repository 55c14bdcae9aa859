import Glibc
import LbudProtocol
import Testing

@Suite struct VarlinkClientErrorTests {
  @Test func nobodyThere() {
    let path = "/nonexistent/lbud.sock"
    #expect(throws: ClientError.notThere(path: path, errno: ENOENT)) { _ = try VarlinkClient(socketPath: path) }
    #expect(throws: ClientError.notThere(path: "", errno: ENOENT)) { _ = try VarlinkClient(socketPath: "") }
    let long = "/nonexistent/" + String(repeating: "d", count: 200) + "/lbud.sock"
    #expect(throws: ClientError.notThere(path: long, errno: ENOENT)) { _ = try VarlinkClient(socketPath: long) }
  }

  @Test func aNameThatNoAddressCanHold() {
    let path = "/tmp/" + String(repeating: "n", count: 120)
    #expect(throws: ClientError.pathTooLong(path: path)) { _ = try VarlinkClient(socketPath: path) }
  }

  @Test(
    arguments: [
      (
        ClientError.notThere(path: "/run/lbud/lbud.sock", errno: ENOENT),
        "cannot connect to /run/lbud/lbud.sock: no such file or directory",
        "start lbud, or name its socket with --socket"
      ),
      (
        .notAllowed(path: "/s"), "cannot connect to /s: permission denied",
        "run this as root: there is no group that may ask, see LBUD_GROUP in lbud.conf(5)"
      ),
      (
        .notAllowed(path: "/s", group: 900), "cannot connect to /s: permission denied",
        "run this as root, or join the group 900: addgroup USER 900"
      ),
      (
        .remote(VarlinkError("io.lbud.CommitFailed", ["message": "disk full", "hint": "make room"])), "disk full",
        "make room"
      ),
      (.remote(.methodNotFound("io.lbud.X")), "org.varlink.service.MethodNotFound (method: io.lbud.X)", nil),
    ] as [(ClientError, String, String?)])
  func speaks(error: ClientError, text: String, hint: String?) {
    #expect(error.description == text)
    #expect(error.hint == hint)
  }
}
