/// One request, as curl has told of it.
package struct UploadAnswer: Equatable, Sendable {
  /// curl's exit code; nil where a signal ended it.
  package var exitCode: Int32?
  /// The status of HTTP; 0 where there was no answer.
  package var status: Int
  /// Bytes that were sent.
  package var sent: UInt64
  /// Where the server wants it to go.
  package var redirect: String
  /// What an object store calls its refusal: `RequestTimeTooSkewed`.
  package var code: String?
  /// What curl said to standard error.
  package var complaint: String

  package init(
    exitCode: Int32?, status: Int = 0, sent: UInt64 = 0, redirect: String = "", code: String? = nil,
    complaint: String = ""
  ) {
    self.exitCode = exitCode
    self.status = status
    self.sent = sent
    self.redirect = redirect
    self.code = code
    self.complaint = complaint
  }

  /// What curl is told to write behind what the server answers.
  package static let format = "\n%{http_code} %{size_upload} %{redirect_url}"

  /// - Parameter output: curl's: the server's answer, and in a line of its own what `format` says.
  package static func read(
    exitCode: Int32?, output: [UInt8], complaint: String
  ) -> (answer: UploadAnswer, body: ArraySlice<UInt8>) {
    let last = output.lastIndex(of: UInt8(ascii: "\n")) ?? output.startIndex
    let body = output[..<last]
    let fields = String(decoding: output[last...].drop { $0 == UInt8(ascii: "\n") }, as: UTF8.self)
      .split(separator: " ", maxSplits: 2)
    let answer = UploadAnswer(
      exitCode: exitCode, status: fields.first.flatMap { Int($0) } ?? 0,
      sent: fields.count > 1 ? UInt64(fields[1]) ?? 0 : 0, redirect: fields.count > 2 ? String(fields[2]) : "",
      code: code(in: body), complaint: complaint)
    return (answer, body)
  }

  /// Whether there is nothing at that address.
  package var isAboutNothing: Bool { exitCode == 0 && (status == 404 || status == 410) }

  /// `<Code>AccessDenied</Code>` of S3's answer.
  private static func code(in body: ArraySlice<UInt8>) -> String? {
    guard let start = body.firstRange(of: "<Code>".utf8)?.upperBound else { return nil }
    let word = body[start...].prefix(60).prefix { $0 != UInt8(ascii: "<") }
    guard !word.isEmpty, word.allSatisfy({ $0 < 0x80 && Unicode.Scalar($0).properties.isAlphabetic }) else {
      return nil
    }
    return String(decoding: word, as: UTF8.self)
  }

  /// What was asked for.
  package enum Request: Equatable, Sendable {
    /// So many bytes.
    case put(UInt64)
    case move
    case get
    case delete
  }

  /// - Parameter configuration: the path of curl's configuration, for what is to be mended there.
  /// - Returns: nil where the server has done it.
  package func failure(of request: Request, to address: UploadAddress, configuration: String) -> UploadFailure? {
    let told = exitCode == 0 ? refusal(request, address, configuration) : complaint(address, configuration)
    let code = exitCode == 0 ? self.code.map { " (\($0))" } ?? "" : ""
    return told.map { UploadFailure("\($0.text)\(code)", hint: $0.hint) }
  }

  private typealias Words = (text: String, hint: String)

  // MARK: What the server says (RFC 9110, RFC 4918)

  private func refusal(_ request: Request, _ address: UploadAddress, _ configuration: String) -> Words? {
    switch status {
    case 200, 201, 204:
      // Half an answer, or nothing to be kept.
      if request == .get, status != 200 { return ("the server answers \(status)", "see the server's log") }
      guard case .put(let size) = request, sent != size else { return nil }
      return ("the server has taken \(sent) of \(size) bytes", "see the server's log")
    case 300..<400: return redirection(address)
    case 401: return ("401, the server wants other credentials", "user = \"name:password\" in \(configuration)")
    case 403 where request == .get:
      return (
        "403, the server forbids it",
        "its rights for this user and path; for S3 s3:ListBucket too, or what is not there yet looks forbidden; the clock: date"
      )
    case 403:
      return (
        "403, the server forbids it",
        "its rights for this user and path; for S3 the keys in \(configuration), and this box's clock: date"
      )
    case 404, 409:
      return ("\(status), there is no such folder", "make it on the server; or mend the path in LBUD_PUBLISH")
    case 405, 501:
      let verb =
        switch request {
        case .put: "PUT"
        case .move: "MOVE"
        case .get: "GET"
        case .delete: "DELETE"
        }
      return (
        "\(status), the server takes no \(verb)",
        request == .move
          ? "switch WebDAV on; or LBUD_PUBLISH_BY=put, if it replaces a file only when the new one is whole"
          : "switch WebDAV on: lbud's contrib/netboot.md shows how"
      )
    case 413: return ("413, the snapshot is too large for the server", "client_max_body_size, if it is nginx")
    case 423: return ("423, somebody has locked it on the server", "have the lock taken away")
    case 429, 503: return ("\(status), the server has too much to do", "lbud tries again")
    case 507: return ("507, the server has no space left", "make room on the server")
    case 500..<600: return ("\(status), an error of the server", "see the server's log")
    default: return ("the server answers \(status)", "see the server's log")
    }
  }

  private func redirection(_ address: UploadAddress) -> Words {
    // What is behind a question mark may be a token.
    let target = displayText(of: redirect.prefix { $0 != "?" }.utf8)
    guard !target.isEmpty else { return ("\(status), a redirect to nowhere", "mend LBUD_PUBLISH") }
    if address.isEncrypted, redirect.lowercased().hasPrefix("http:") {
      return (
        "\(status), a redirect to \(target), where it would go in the clear: not followed",
        "is it the right server? mend LBUD_PUBLISH"
      )
    }
    return ("\(status), a redirect to \(target): not followed", "set LBUD_PUBLISH to where it is to go")
  }

  // MARK: What curl says (curl(1), EXIT CODES)

  private func complaint(_ address: UploadAddress, _ configuration: String) -> Words {
    let again = "lbud tries again; is the network up? curl -v \(address.url)"
    switch exitCode {
    case nil: return ("curl was ended by a signal", "lbud tries again")
    case 1: return ("the server does not speak HTTP", "mend the port in LBUD_PUBLISH")
    // It repeats the line, which may be one with a password.
    case 2: return ("curl cannot make sense of \(configuration)", "mend it: curl -K \(configuration) -I \(address.url)")
    case 3: return ("curl takes that for no URL", "mend LBUD_PUBLISH")
    case 5: return ("the proxy's name cannot be resolved", "mend https_proxy, or proxy in \(configuration)")
    case 6: return ("\(address.host) has no address", "mend LBUD_PUBLISH or /etc/resolv.conf; is the network up?")
    case 7: return ("nobody answers at \(address.host)", again)
    case 18, 52, 55, 56: return ("the server has cut the connection", again)
    case 28: return ("the server does not answer in time", again)
    case 60, 51:
      return (
        "the server's certificate is not one for \(address.host) that can be trusted: \(lastWords)",
        "is it the right server, and is this box's clock right? its authority: cacert = \"/path\" in \(configuration)"
      )
    case 35, 53, 54, 58, 59, 66, 77, 80, 82, 83, 90, 91: return ("no encrypted connection: \(lastWords)", again)
    case .some(let code): return ("curl ends with \(code)", "curl(1) tells what that means: EXIT CODES")
    }
  }

  /// Of TLS: never what was sent.
  private var lastWords: String {
    let line = complaint.split(separator: "\n").first { $0.hasPrefix("curl: (") }
    let words = line.flatMap { $0.firstRange(of: ") ").map { range in line?[range.upperBound...] } ?? nil }
    return displayText(of: (words.map(String.init) ?? "curl does not say why").utf8)
  }
}
