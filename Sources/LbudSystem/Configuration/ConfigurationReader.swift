import LbudCore
import Subprocess
import SystemPackage

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Reads `lbu.conf`, which is shell: it is evaluated by `/bin/sh`, as lbu does by sourcing it, unless it is plain enough to
/// be read without.
package struct ConfigurationReader: Sendable {
  package struct Loaded: Sendable {
    package var settings: Settings
    package var problems: [Problem]
    /// False where the shell could not be run or did not end: then the settings are not the file's.
    package var isEvaluated: Bool
  }

  private static let sizeLimit = 1 << 20
  private static let outputLimit = 1 << 20
  /// A configuration that takes longer waits for something.
  private static let timeLimit = Duration.seconds(10)

  private let root: RootDirectory
  private var memory = SignatureMemory()

  package init(root: RootDirectory) {
    self.root = root
  }

  /// Whether the file may be another one than was last loaded.
  package func mayHaveChanged() -> Bool { memory.mayDiffer(Self.signatures(root)) }

  private static func signatures(_ root: RootDirectory) -> [FileStatus.Signature?] {
    [(try? root.status(Settings.path))?.signature]
  }

  /// Evaluates the file. Variables of the environment count where it does not set them. Whatever is wrong is reported,
  /// and what was set before it stays in force.
  /// - Parameter environment: variables that count in place of lbud's own.
  package mutating func load(environment: [String: String] = [:]) async -> Loaded {
    let root = self.root
    memory.remember { Self.signatures(root) }
    var problems: [Problem] = []
    let text = content(&problems)
    var (values, isCut): ([String: [UInt8]]?, Bool) = (nil, false)
    if let text { (values, isCut) = await evaluate(text, environment, &problems) }
    var settings = Settings(
      values: (values ?? [:]).mapValues { String(decoding: $0, as: UTF8.self) }, problems: &problems)
    // What the shell did not come to may have kept more: then nothing is removed.
    if isCut, settings.keep == .unset, let text, Self.sets("LBUD_KEEP", text) { settings.keep = .notUnderstood }
    // Bytes, in whatever encoding it was written.
    settings.password = values?["PASSWORD"].flatMap { $0.isEmpty ? nil : Secret($0) }
    if let text, settings.password != nil, let exposed = exposure(of: text) { problems.append(exposed) }
    return Loaded(settings: settings, problems: problems, isEvaluated: values != nil)
  }

  /// Nil where the file is there and cannot be read: then what was in force stays.
  private func content(_ problems: inout [Problem]) -> [UInt8]? {
    do throws(FileError) {
      return try root.read(Settings.path, limit: Self.sizeLimit)
    } catch {
      if error.code == ENOENT { return [] }
      problems.append(
        Problem(
          .degraded, subject: "/" + Settings.path.display, "cannot be read: \(error.reason)",
          remedy: "what was in force before stays, or the defaults; mend the file"))
      return nil
    }
  }

  /// A password in the file is every reader's of the file.
  private func exposure(of text: [UInt8]) -> Problem? {
    guard let mode = try? root.status(Settings.path).mode, mode & 0o077 != 0,
      String(decoding: text, as: UTF8.self).contains("PASSWORD=")
    else { return nil }
    return Problem(
      .warning, subject: "/" + Settings.path.display, "it has a PASSWORD, and others than its owner may read it",
      remedy: "chmod 600 /\(Settings.path.display)")
  }

  private func evaluate(
    _ text: [UInt8], _ environment: [String: String], _ problems: inout [Problem]
  ) async -> (values: [String: [UInt8]]?, isCut: Bool) {
    if let plain = PlainAssignments(text, names: Settings.keys) {
      return (Self.initialValues(environment).merging(plain.values) { $1 }, false)
    }
    do {
      let (output, complaint, succeeded) = try await runShell(Self.script(text), environment)
      let values = Self.values(output)
      guard !succeeded, let said = try await whatIsWrong(text, environment, complaint) else { return (values, false) }
      problems.append(Self.complaint(said, text, values))
      return (values, true)
    } catch {
      problems.append(
        Problem(
          .degraded, subject: "/" + Settings.path.display, "cannot be evaluated by /bin/sh: \(error)",
          remedy: "what was in force before stays; is there a /bin/sh?"))
      return (nil, false)
    }
  }

  /// A shell that gives up says why, or was told to exit. The last command may well be false, though, and nothing wrong
  /// with that: "[ -f /x ] && BACKUP_LIMIT=9". With another command behind it, only an exit still fails.
  private func whatIsWrong(
    _ text: [UInt8], _ environment: [String: String], _ complaint: String
  ) async throws -> String? {
    if let said = ShellComplaint.withoutWords(complaint) { return said }
    return try await runShell(Self.script(text + Array("\n:".utf8)), environment).succeeded
      ? nil : "it exits with an error"
  }

  /// What the shell did not come to may have asked for encryption: then nothing is saved in the clear.
  private static func complaint(_ said: String, _ text: [UInt8], _ values: [String: [UInt8]]) -> Problem {
    let mayBeEncrypted = (values["ENCRYPTION"] ?? []).isEmpty && sets("ENCRYPTION", text)
    return Problem(
      mayBeEncrypted ? .blocking : .degraded, subject: "/" + Settings.path.display, "sh cannot run it: \(said)",
      remedy: mayBeEncrypted
        ? "mend the line: until then nothing is saved, since ENCRYPTION may be asked for behind it"
        : "what stands before the error is in force; mend the line")
  }

  /// Whether a line of the file may set it.
  private static func sets(_ key: String, _ text: [UInt8]) -> Bool {
    text.split(separator: UInt8(ascii: "\n")).contains { line in
      line.first != UInt8(ascii: "#") && String(decoding: line, as: UTF8.self).contains(key + "=")
    }
  }

  private static let usualCipher = "aes-256-cbc"

  /// What a shell has before its first line.
  private static func initialValues(_ environment: [String: String]) -> [String: [UInt8]] {
    var values: [String: [UInt8]] = [:]
    for key in Settings.keys {
      let own = getenv(key).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
      values[key] = environment[key].map { Array($0.utf8) } ?? own ?? []
    }
    values["DEFAULT_CIPHER"] = Array(usualCipher.utf8)
    return values
  }

  /// The values are printed by a trap, so that they are when the shell gives up in the middle. All of it stands on the
  /// first line, so that the shell's line numbers are the file's. On stdin, since a process's arguments can be read by
  /// everybody and the file may hold a password.
  private static func script(_ text: [UInt8]) -> [UInt8] {
    let pairs = Settings.keys.map { "\($0) \"$\($0)\"" }.joined(separator: " ")
    let prefix = "DEFAULT_CIPHER=\(usualCipher); trap 'printf \"%s=%s\\000\" \(pairs)' EXIT; "
    // No empty line is added, since the shell names the last line where a quote is not closed.
    let newline = UInt8(ascii: "\n")
    return Array(prefix.utf8) + text + (text.last == newline ? [] : [newline])
  }

  private func runShell(
    _ script: [UInt8], _ environment: [String: String]
  ) async throws -> (output: [UInt8], complaint: String, succeeded: Bool) {
    try await withThrowingTaskGroup(of: (output: [UInt8], complaint: String, succeeded: Bool).self) { group in
      group.addTask {
        let result = try await run(
          .path("/bin/sh"), arguments: ["-s"], environment: ChildEnvironment.updating(environment),
          input: .array(script),
          output: .bytes(limit: Self.outputLimit), error: .string(limit: 4096))
        return (result.standardOutput, result.standardError, result.terminationStatus.isSuccess)
      }
      group.addTask {
        try await Task.sleep(for: Self.timeLimit)
        throw ConfigurationTimeout()
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw ConfigurationTimeout() }
      return first
    }
  }

  private static func values(_ output: [UInt8]) -> [String: [UInt8]] {
    var values: [String: [UInt8]] = [:]
    for pair in output.split(separator: 0) {
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
      values[String(decoding: pair[..<equals], as: UTF8.self)] = Array(pair[(equals + 1)...])
    }
    return values
  }
}

private struct ConfigurationTimeout: Error, CustomStringConvertible {
  var description: String { "it did not end within 10 seconds" }
}
