import LbudCore

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Sends snapshots with the program `curl`, to WebDAV and to object stores.
package struct Uploader: Sendable {
  let root: RootDirectory
  /// curl's configuration, with the credentials.
  let configuration: BytePath
  /// Whether that was named in the settings, so that it has to be there.
  let isNamed: Bool
  /// What the settings say; nil for what fits the configuration.
  let method: UploadMethod?
  /// Asked while something is sent: whether that is to end, since lbud does.
  package var isInterrupted: @Sendable () -> Bool = { false }

  package init(root: RootDirectory, settings: Settings) {
    self.root = root
    configuration = settings.publishConfig
    isNamed = settings.namesPublishConfig
    method = settings.publishBy
  }

  /// What is wrong with the settings of it, as far as that can be told without asking the server.
  package static func problem(root: RootDirectory, settings: Settings) -> Problem? {
    guard let template = settings.publish else { return nil }
    do {
      _ = try UploadAddress(template, .read(root: root, hostName: HostName.read(root: root)))
      guard Program.find("curl") != nil else { throw UploadFailure.noCurl() }
      _ = try Uploader(root: root, settings: settings).credentials()
      return nil
    } catch let refusal as UploadAddress.Refusal {
      return Problem(.degraded, subject: "LBUD_PUBLISH", refusal.text, remedy: refusal.remedy)
    } catch let failure as UploadFailure {
      return Problem(.degraded, subject: "LBUD_PUBLISH", failure.description, remedy: failure.hint)
    } catch {
      return Problem(.degraded, subject: "LBUD_PUBLISH", "\(error)", remedy: "see the log of lbud")
    }
  }

  private var configurationPath: String { "/" + configuration.display }

  /// Sends a snapshot, and returns when the store has it. Blocks: only for threads that are lbud's own.
  /// - Throws: `UploadFailure`; `CancellationError` where it is interrupted.
  package func send(_ content: UploadContent, to address: UploadAddress) throws {
    guard let curl = Program.find("curl") else { throw UploadFailure.noCurl() }
    let secrets = try credentials()
    let signs = UploadMethod.signs(secrets)
    let by = method ?? .standard(signs: signs)
    let put = by == .move ? address.temporary : address.url
    var request = ["--upload-file", Program.Files.inputName, put]
    // curl 7.88 signs it, but does not make it.
    if signs { request += ["--header", "x-amz-content-sha256: \(try hash(of: content))"] }
    try check(try answer(curl, request, content, secrets, address), .put(content.size), address)
    guard by == .move else { return }
    // What was uploaded takes the place of what is there.
    let move = ["--request", "MOVE", "--header", "Destination: \(address.url)", "--header", "Overwrite: T", put]
    try check(try answer(curl, move, content, secrets, address), .move, address)
  }

  private func hash(of content: UploadContent) throws(UploadFailure) -> String {
    do throws(FileError) { return try content.sha256() } catch {
      throw UploadFailure("\(error)", hint: "lbud tries again")
    }
  }

  private func check(
    _ answer: UploadAnswer, _ request: UploadAnswer.Request, _ address: UploadAddress
  ) throws(UploadFailure) {
    if let failure = answer.failure(of: request, to: address, configuration: configurationPath) { throw failure }
  }

  /// What is there. Blocks: only for threads that are lbud's own.
  /// - Parameter limit: bytes; more is an error.
  /// - Returns: nil where there is nothing.
  /// - Throws: `UploadFailure`; `CancellationError` where it is interrupted.
  package func fetch(_ address: UploadAddress, limit: Int) throws -> [UInt8]? {
    let (answer, output) = try ask(["--request", "GET", address.url], .get, address, limit: limit)
    if answer.exitCode == 0, answer.status == 404 || answer.status == 410 { return nil }
    try check(answer, .get, address)
    return Array(output.dropLast(output.count - (output.lastIndex(of: UInt8(ascii: "\n")) ?? 0)))
  }

  /// Removes what is there; what is not there is no error.
  /// - Throws: as `fetch`.
  package func remove(_ address: UploadAddress) throws {
    let (answer, _) = try ask(["--request", "DELETE", address.url], .delete, address, limit: Program.outputLimit)
    if answer.exitCode == 0, answer.status == 404 || answer.status == 410 { return }
    try check(answer, .delete, address)
  }

  /// A request without a body.
  private func ask(
    _ request: [String], _ kind: UploadAnswer.Request, _ address: UploadAddress, limit: Int
  ) throws -> (UploadAnswer, output: [UInt8]) {
    guard let curl = Program.find("curl") else { throw UploadFailure.noCurl() }
    let secrets = try credentials()
    let nothing = try UploadContent(bytes: [])
    var request = request
    if UploadMethod.signs(secrets) { request += ["--header", "x-amz-content-sha256: \(try hash(of: nothing))"] }
    let ended = try run(curl, request, nothing, secrets, address, limit: limit, expected: UInt64(min(limit, 16 << 20)))
    return (UploadAnswer(exitCode: ended.code, output: ended.output, complaint: ended.complaint), ended.output)
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
      case ENOENT where !isNamed: return []
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

  /// Bytes a second that are the least to be expected, and seconds without any.
  private static let slowest: UInt64 = 5_000
  private static let silence = 60

  /// How long to wait stands before the configuration, which has the last word on that; where it goes, behind it.
  private static func options(for size: UInt64, _ address: UploadAddress) -> [String] {
    [
      // Not root's own configuration.
      "--disable", "--silent", "--show-error", "--globoff", "--path-as-is",
      "--connect-timeout", "20", "--speed-limit", "1", "--speed-time", "\(silence)",
      "--max-time", "\(longest(size))", "--write-out", UploadAnswer.format,
      "--config", Program.Files.memoryName,
      "--no-location", "--proto", address.isEncrypted ? "=https" : "=http,https",
    ]
  }

  private static func longest(_ size: UInt64) -> Int { 120 + Int(clamping: size / slowest) }

  private func answer(
    _ curl: String, _ request: [String], _ content: UploadContent, _ configuration: [UInt8], _ address: UploadAddress
  ) throws -> UploadAnswer {
    let ended = try run(curl, request, content, configuration, address)
    return UploadAnswer(exitCode: ended.code, output: ended.output, complaint: ended.complaint)
  }

  private func run(
    _ curl: String, _ request: [String], _ content: UploadContent, _ configuration: [UInt8], _ address: UploadAddress,
    limit: Int = Program.outputLimit, expected: UInt64 = 0
  ) throws -> Program.Ended {
    let size = max(content.size, expected)
    do {
      // Its first line is empty where there is nothing: curl takes that for what it is.
      let secret = try SecretFile(Secret(configuration))
      defer { withExtendedLifetime((secret, content.file)) {} }
      return try Program.run(
        curl, (Self.options(for: size, address) + request).map { Array($0.utf8) },
        with: .init(input: content.file.descriptor.raw, output: nil, memory: secret.raw),
        within: Self.longest(size) + 30, limit: limit, isInterrupted: isInterrupted)
    } catch let error as CancellationError {
      throw error
    } catch let error as StoreError {
      throw UploadFailure("\(error)", hint: error.hint)
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
