import LbudCore
import Testing

/// What is said where a server, or the way to it, is not as it should be. The numbers are those that curl 7.88 gave with
/// nginx, moto and servers made for it.
@Suite struct UploadAnswerTests {
  static func words(
    _ answer: UploadAnswer, _ request: UploadAnswer.Request = .put(10), _ url: String = "https://srv/x"
  ) throws -> String? {
    let address = try UploadAddress(url, .init(hostName: "box"))
    return answer.failure(of: request, to: address, configuration: "/etc/lbu/publish.curl").map {
      "\($0.description)\n\($0.hint)"
    }
  }

  @Test(arguments: [200, 201, 204])
  func itIsThere(status: Int) throws {
    #expect(try Self.words(.init(exitCode: 0, status: status, sent: 10)) == nil)
    #expect(try Self.words(.init(exitCode: 0, status: status), .move) == nil)
  }

  @Test(arguments: [
    (202, "the server answers 202\nsee the server's log"),
    (401, "401, the server wants other credentials\nuser = \"name:password\" in /etc/lbu/publish.curl"),
    (
      403,
      "403, the server forbids it\nits rights for this user and path; for S3 the keys in /etc/lbu/publish.curl, and this box's clock: date"
    ),
    (404, "404, there is no such folder\nmake it on the server; or mend the path in LBUD_PUBLISH"),
    (409, "409, there is no such folder\nmake it on the server; or mend the path in LBUD_PUBLISH"),
    (405, "405, the server takes no PUT\nswitch WebDAV on: lbud's contrib/netboot.md shows how"),
    (413, "413, the snapshot is too large for the server\nclient_max_body_size, if it is nginx"),
    (423, "423, somebody has locked it on the server\nhave the lock taken away"),
    (503, "503, the server has too much to do\nlbud tries again"),
    (507, "507, the server has no space left\nmake room on the server"),
    (500, "500, an error of the server\nsee the server's log"),
    (100, "the server answers 100\nsee the server's log"),
  ])
  func theServerRefuses(status: Int, words: String) throws {
    #expect(try Self.words(.init(exitCode: 0, status: status, sent: 10)) == words)
  }

  @Test func aServerWithoutMove() throws {
    #expect(
      try Self.words(.init(exitCode: 0, status: 405), .move)
        == "405, the server takes no MOVE\nswitch WebDAV on; or LBUD_PUBLISH_BY=put, if it replaces a file only when the new one is whole"
    )
  }

  @Test func aPartIsNotAll() throws {
    #expect(
      try Self.words(.init(exitCode: 0, status: 201, sent: 4))
        == "the server has taken 4 of 10 bytes\nsee the server's log")
  }

  @Test(arguments: [
    (
      "https://srv/x", "http://srv/x?token=geheim",
      "301, a redirect to http://srv/x, where it would go in the clear: not followed\nis it the right server? mend LBUD_PUBLISH"
    ),
    (
      "http://srv/x", "https://srv/x",
      "301, a redirect to https://srv/x: not followed\nset LBUD_PUBLISH to where it is to go"
    ),
    ("https://srv/x", "", "301, a redirect to nowhere\nmend LBUD_PUBLISH"),
  ])
  func redirectsAreNotFollowed(url: String, target: String, words: String) throws {
    #expect(try Self.words(.init(exitCode: 0, status: 301, sent: 10, redirect: target), .put(10), url) == words)
  }

  @Test(arguments: [
    (6, "", "srv has no address\nmend LBUD_PUBLISH or /etc/resolv.conf; is the network up?"),
    (7, "", "nobody answers at srv\nlbud tries again; is the network up? curl -v https://srv/x"),
    (28, "", "the server does not answer in time\nlbud tries again; is the network up? curl -v https://srv/x"),
    (52, "", "the server has cut the connection\nlbud tries again; is the network up? curl -v https://srv/x"),
    (56, "", "the server has cut the connection\nlbud tries again; is the network up? curl -v https://srv/x"),
    (1, "", "the server does not speak HTTP\nmend the port in LBUD_PUBLISH"),
    (
      60,
      "curl: (60) SSL: no alternative certificate subject name matches target host name 'srv'\nMore details here: x\n",
      "the server's certificate is not one for srv that can be trusted: SSL: no alternative certificate subject name matches target host name 'srv'\nis it the right server, and is this box's clock right? its authority: cacert = \"/path\" in /etc/lbu/publish.curl"
    ),
    (
      35, "curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
      "no encrypted connection: OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number\nlbud tries again; is the network up? curl -v https://srv/x"
    ),
    // What it says may be a line of the configuration.
    (
      2, "curl: option geheim: is unknown",
      "curl cannot make sense of /etc/lbu/publish.curl\nmend it: curl -K /etc/lbu/publish.curl -I https://srv/x"
    ),
    (99, "geheim", "curl ends with 99\ncurl(1) tells what that means: EXIT CODES"),
  ])
  func theWayIsCut(exitCode: Int32, complaint: String, words: String) throws {
    // 100 and 200 stand there too where an answer had begun.
    #expect(try Self.words(.init(exitCode: exitCode, status: 100, sent: 10, complaint: complaint)) == words)
    #expect(!words.contains("geheim"))
  }

  @Test func curlsOwnWordsAreRead() {
    func read(_ output: String, exitCode: Int32? = 0) -> (answer: UploadAnswer, body: ArraySlice<UInt8>) {
      UploadAnswer.read(exitCode: exitCode, output: Array(output.utf8), complaint: "")
    }
    let (answer, body) = read("<a>\n<Code>RequestTimeTooSkewed</Code>\n403 12 https://b/c d")
    #expect(answer.status == 403)
    #expect(answer.sent == 12)
    #expect(answer.redirect == "https://b/c d")
    #expect(answer.code == "RequestTimeTooSkewed")
    #expect(body.elementsEqual("<a>\n<Code>RequestTimeTooSkewed</Code>".utf8))
    #expect(read("\n000 0 ", exitCode: 7).answer.status == 0)
    #expect(read("", exitCode: nil).answer.status == 0)
    #expect(read("").body.isEmpty)
    // What a server makes up is not repeated.
    for body in ["<Code>a b</Code>", "<Code>\u{1b}[2J</Code>", "<Code></Code>", "<Code>"] {
      #expect(read("\(body)\n403 1 ").answer.code == nil)
    }
  }

  @Test(arguments: [(0, 404, true), (0, 410, true), (0, 403, false), (0, 200, false), (7, 404, false)])
  func nothingThereIsNoFailureOfAFetch(exitCode: Int32, status: Int, isNothing: Bool) {
    #expect(UploadAnswer(exitCode: exitCode, status: status).isAboutNothing == isNothing)
  }

  @Test func whatAStoreCallsItIsTold() throws {
    #expect(
      try Self.words(.init(exitCode: 0, status: 403, code: "AccessDenied"))?.hasPrefix(
        "403, the server forbids it (AccessDenied)\n") ?? false)
  }

  @Test(arguments: [
    ("aws-sigv4 = \"aws:amz:us-east-1:s3\"\n", true), ("user = \"a:b\"\n\t--aws-sigv4=x", true),
    ("# aws-sigv4", false), ("user = \"aws-sigv4\"", false), ("", false),
  ])
  func whoSignsPuts(configuration: String, signs: Bool) {
    #expect(UploadMethod.signs(Array(configuration.utf8)) == signs)
    #expect(UploadMethod.standard(signs: signs) == (signs ? .put : .move))
  }
}
