import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Sends snapshots with the program `curl`, to WebDAV and to object stores.
package struct Uploader: Sendable {
  let root: RootDirectory
  /// curl's configuration, with the credentials; nil for the usual place, where it need not be.
  let named: BytePath?
  /// What the settings say; nil for what fits the configuration.
  let method: UploadMethod?
  /// Asked while something is sent: whether that is to end, since lbud does.
  package var isInterrupted: @Sendable () -> Bool = { false }

  package init(root: RootDirectory, settings: Settings) {
    self.root = root
    named = settings.publishConfig
    method = settings.publishBy
  }

  /// What is wrong with the settings of it, as far as that can be told without asking the server.
  package static func problem(root: RootDirectory, settings: Settings) -> Problem? {
    guard let template = settings.publish else { return nil }
    do {
      _ = try UploadAddress(template, .read(root: root, hostName: HostName.read(root: root)))
      _ = try Uploader(root: root, settings: settings).client()
      return nil
    } catch let refusal as UploadAddress.Refusal {
      return Problem(.degraded, subject: "LBUD_PUBLISH", refusal.text, remedy: refusal.remedy)
    } catch let failure as UploadFailure {
      return Problem(.degraded, subject: "LBUD_PUBLISH", failure.description, remedy: failure.hint)
    } catch {
      return Problem(.degraded, subject: "LBUD_PUBLISH", "\(error)", remedy: "see the log of lbud")
    }
  }

  private var configuration: BytePath { named ?? Settings.usualPublishConfig }
  private var configurationPath: String { "/" + configuration.display }

  /// Sends a snapshot, and returns when the store has it. Blocks: only for threads that are lbud's own.
  /// - Throws: `UploadFailure`; `CancellationError` where it is interrupted.
  package func send(_ content: UploadContent, to address: UploadAddress) throws {
    let client = try client()
    let by = method ?? .standard(signs: client.signs)
    let put = by == .move ? address.temporary : address.url
    let upload = ["--upload-file", Program.Files.inputName, put]
    try check(try ask(client, upload, content, address).answer, .put(content.size), address)
    guard by == .move else { return }
    // What was uploaded takes the place of what is there.
    let move = ["--request", "MOVE", "--header", "Destination: \(address.url)", "--header", "Overwrite: T", put]
    try check(try ask(client, move, address).answer, .move, address)
  }

  /// What is there. Blocks: only for threads that are lbud's own.
  /// - Parameter limit: bytes; more is an error.
  /// - Returns: nil where there is nothing.
  /// - Throws: `UploadFailure`; `CancellationError` where it is interrupted.
  package func fetch(_ address: UploadAddress, limit: Int) throws -> [UInt8]? {
    let (answer, body) = try ask(
      client(), ["--request", "GET", address.url], address, limit: limit, expected: Self.expected)
    guard !answer.isAboutNothing else { return nil }
    try check(answer, .get, address)
    return Array(body)
  }

  /// Removes what is there; what is not there is no error.
  /// - Throws: as `fetch`.
  package func remove(_ address: UploadAddress) throws {
    let answer = try ask(client(), ["--request", "DELETE", address.url], address).answer
    guard !answer.isAboutNothing else { return }
    try check(answer, .delete, address)
  }

  private func check(
    _ answer: UploadAnswer, _ request: UploadAnswer.Request, _ address: UploadAddress
  ) throws(UploadFailure) {
    if let failure = answer.failure(of: request, to: address, configuration: configurationPath) { throw failure }
  }

  // MARK: Credentials

  /// The configuration's content: nothing where there is none. What others than its owner may read is no secret any more, and
  /// is not sent.
  private func credentials() throws(UploadFailure) -> [UInt8] {
    do throws(FileError) {
      let status = try root.status(configuration)
      guard status.mode & 0o077 == 0, status.uid == geteuid() else {
        throw FileError("use", configurationPath, code: EPERM)
      }
      return try root.read(configuration, limit: 1 << 20)
    } catch {
      switch error.code {
      case ENOENT where named == nil: return []
      case EPERM:
        throw UploadFailure(
          "\(configurationPath) is not used, since others than root may read it or own it",
          hint: "chmod 600 \(configurationPath); chown root \(configurationPath)")
      default:
        throw UploadFailure(
          "\(configurationPath) cannot be read: \(error.reason)",
          hint: "make it, or mend LBUD_PUBLISH_CONFIG in /\(Settings.path.display)")
      }
    }
  }

  // MARK: curl

  /// What one or more requests are made with.
  private struct Client {
    var curl: String
    /// Its configuration.
    var secrets: [UInt8]
    /// Whether requests are signed as Amazon wants it.
    var signs: Bool { UploadMethod.signs(secrets) }
  }

  private func client() throws(UploadFailure) -> Client {
    guard let curl = Program.find("curl") else { throw .noCurl() }
    return Client(curl: curl, secrets: try credentials())
  }

  /// Bytes a second that are the least to be expected, and seconds without any.
  private static let slowest: UInt64 = 5_000
  private static let silence = 60
  /// Bytes that an answer of unknown length is given the time for.
  private static let expected: UInt64 = 16 << 20

  /// How long to wait stands before the configuration, which has the last word on that; where it goes, behind it.
  private static func options(_ address: UploadAddress, longest: Int) -> [String] {
    [
      // Not root's own configuration.
      "--disable", "--silent", "--show-error", "--globoff", "--path-as-is",
      "--connect-timeout", "20", "--speed-limit", "1", "--speed-time", "\(silence)",
      "--max-time", "\(longest)", "--write-out", UploadAnswer.format,
      "--config", Program.Files.memoryName,
      "--no-location", "--proto", address.isEncrypted ? "=https" : "=http,https",
    ]
  }

  /// A request without a body.
  private func ask(
    _ client: Client, _ request: [String], _ address: UploadAddress, limit: Int = Program.outputLimit,
    expected: UInt64 = 0
  ) throws -> (answer: UploadAnswer, body: ArraySlice<UInt8>) {
    let nothing = try UploadContent(bytes: [])
    return try ask(client, request, nothing, address, limit: limit, expected: expected)
  }

  /// One request, and what the server says to it.
  private func ask(
    _ client: Client, _ request: [String], _ content: UploadContent, _ address: UploadAddress,
    limit: Int = Program.outputLimit, expected: UInt64 = 0
  ) throws -> (answer: UploadAnswer, body: ArraySlice<UInt8>) {
    do {
      var words = request
      // curl 7.88 signs it, but does not make it.
      if client.signs { words += ["--header", "x-amz-content-sha256: \(try content.sha256())"] }
      let longest = 120 + Int(clamping: max(content.size, expected) / Self.slowest)
      // Its first line is empty where there is nothing: curl takes that for what it is.
      let secret = try SecretFile(Secret(client.secrets))
      defer { withExtendedLifetime((secret, content.file)) {} }
      let ended = try Program.run(
        client.curl, (Self.options(address, longest: longest) + words).map { Array($0.utf8) },
        with: .init(input: content.file.descriptor.raw, output: nil, memory: secret.raw), within: longest + 30,
        limit: limit, isInterrupted: isInterrupted)
      return UploadAnswer.read(exitCode: ended.code, output: ended.output, complaint: ended.complaint)
    } catch let error as CancellationError {
      throw error
    } catch let error as StoreError {
      throw UploadFailure("\(error)", hint: error.hint)
    } catch let error as FileError {
      throw UploadFailure("\(error)", hint: "lbud tries again")
    } catch let error as Program.TookTooLong {
      throw UploadFailure("\(error)", hint: "lbud tries again")
    } catch {
      throw UploadFailure(
        "what the server says is too long, or curl cannot be run: \(error)",
        hint: "is it installed as a whole? apk fix curl")
    }
  }
}

extension UploadFailure {
  fileprivate static func noCurl() -> UploadFailure {
    UploadFailure("there is no curl to send it with", hint: "apk add curl")
  }
}
