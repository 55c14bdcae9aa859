import CLbud
import LbudCore
import Subprocess
import SystemPackage

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The administrator's programs that run before and after a snapshot is made: `etc/lbu/pre-package.d` and
/// `etc/lbu/post-package.d`, as busybox `run-parts` runs them for lbu.
///
/// Those of a root that is not the running system's are run on the running system as they stand. Each is started in the
/// root directory that lbud was given, with nothing to read, and with `ROOT` set to it as lbu has it where it is not `/`.
package struct Hooks: Sendable {
  package enum Stage: Sendable {
    case before, after

    /// Where they are, in the root.
    package var folder: BytePath { BytePath(self == .before ? "etc/lbu/pre-package.d" : "etc/lbu/post-package.d") }
  }

  private let root: RootDirectory
  private let timeout: Seconds

  /// lbud's own.
  var environment: Environment = .inherit
  /// Whether that has a `PATH`.
  var hasPath = getenv("PATH").map { $0.pointee != 0 } ?? false

  private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// - Parameter timeout: after so long each of them is ended.
  package init(root: RootDirectory, timeout: Seconds) {
    self.root = root
    self.timeout = timeout
  }

  /// Whether there are any, as far as can be told: then running them is worth a thread.
  package func exist(_ stage: Stage) -> Bool {
    do { return try !names(stage).isEmpty } catch { return true }
  }

  /// Runs them one after another. One that fails does not keep the others from being run. Blocks: only for threads that are
  /// lbud's own.
  /// - Parameter output: takes what they write, standard output and standard error as they come.
  /// - Throws: `StoreError` where one has failed, when all have been run; or where they cannot be told.
  package func run(_ stage: Stage, output: @Sendable ([UInt8]) -> Void) throws(StoreError) {
    let names: [[UInt8]]
    do { names = try self.names(stage) } catch { throw .unreadable(error, stage) }
    var failures: [HookFailure] = []
    for name in names {
      let path = stage.folder.appending(name)
      let end = process(path).run(output)
      if end != .exited(0) { failures.append(HookFailure(path: "/" + path.display, end: end, timeout: timeout)) }
    }
    if let first = failures.first { throw .hook(first, others: failures.count - 1, stage) }
  }

  // MARK: Which

  /// Sorted by their bytes.
  private func names(_ stage: Stage) throws(FileError) -> [[UInt8]] {
    guard let folder = try open(stage.folder) else { return [] }
    var names: [[UInt8]] = []
    for name in try folder.names(path: stage.folder) where Self.isRunnable(name) {
      if try isExecutable(stage.folder.appending(name)) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// To lbu, what is no directory is none.
  private func open(_ folder: BytePath) throws(FileError) -> Descriptor? {
    do {
      return try root.open(folder.bytes, O_RDONLY | O_DIRECTORY)
    } catch {
      guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
      return nil
    }
  }

  /// What busybox 1.35 takes: letters, digits, `_`, `-`, and dots, but not in front. So `a~` and `a.apk-new~` are not run,
  /// and `a.apk-new` is.
  static func isRunnable(_ name: [UInt8]) -> Bool {
    let signs = Array("_-.".utf8)
    return !name.isEmpty && name.first != UInt8(ascii: ".")
      && name.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: signs.contains(byte)
        }
      }
  }

  private func isExecutable(_ path: BytePath) throws(FileError) -> Bool {
    do {
      let status = try root.status(path)
      return status.kind == .file && status.mode & 0o111 != 0
    } catch {
      // A symlink that leads nowhere, or one of an editor's files that is gone already.
      guard [ENOENT, ENOTDIR, ELOOP].contains(error.code) else { throw error }
      return false
    }
  }

  // MARK: How

  private func process(_ path: BytePath) -> HookProcess {
    var values = ["PATH": Self.usualPath]
    if hasPath { values = [:] }
    let top = text(root.descriptor.truePath) ?? root.path
    if !root.isSystemRoot { values["ROOT"] = top.hasSuffix("/") ? top : top + "/" }
    return HookProcess(
      path: FilePath(platformString: cString(program(path))), directory: FilePath(root.isSystemRoot ? "/" : top),
      environment: ChildEnvironment.updating(values, without: ["PASSWORD", "ROOT"], of: environment), timeout: timeout)
  }

  /// What a program is called by tells it what to do, so its own name is kept. Only a symlink in another root is resolved
  /// here: the kernel would follow it out of the root.
  private func program(_ path: BytePath) -> [UInt8] {
    let path = path.bytes
    let slash = [UInt8(ascii: "/")]
    if root.isSystemRoot { return slash + path }
    let parts = BytePath(bytes: path)
    guard let folder = try? root.open(parts.parent.bytes, O_RDONLY | O_DIRECTORY), let place = folder.truePath else {
      return Array(root.path.utf8) + slash + path
    }
    if (try? folder.status(of: parts.name, path: parts))??.kind == .symlink,
      let target = (try? root.open(path, clbud_o_path))?.truePath
    {
      return target
    }
    return place + slash + parts.name
  }

  private func text(_ bytes: [UInt8]?) -> String? { bytes.flatMap { String(validating: $0, as: UTF8.self) } }
}

/// One that has not done what it was to do.
private struct HookFailure {
  var path: String
  var end: HookProcess.End
  var timeout: Seconds

  var description: String {
    switch end {
    case .exited(let code): "\(path) exited with \(code)"
    case .signaled(let signal): "\(path) was ended by signal \(signal)"
    case .tookTooLong:
      "\(path) did not end within \(timeout.count) second\(timeout.count == 1 ? "" : "s") and was ended"
    case .notRun(let reason): "\(path) cannot be run: \(reason)"
    }
  }

  var hint: String {
    let longer = end == .tookTooLong ? ", give it longer (LBUD_HOOK_TIMEOUT in /\(Settings.path.display))" : ""
    return "mend it\(longer), or take its x bit away: chmod -x \(path)"
  }
}

extension StoreError {
  fileprivate static func hook(_ failure: HookFailure, others: Int, _ stage: Hooks.Stage) -> StoreError {
    let what = failure.description + (others == 0 ? "" : ", and \(others) more failed")
    return StoreError(sentence(what, stage), hint: failure.hint)
  }

  fileprivate static func unreadable(_ error: FileError, _ stage: Hooks.Stage) -> StoreError {
    StoreError(sentence(error.description, stage), hint: "mend or remove it: nothing else tells which programs to run")
  }

  private static func sentence(_ what: String, _ stage: Hooks.Stage) -> String {
    switch stage {
    case .before: "\(what), so nothing is saved"
    case .after: "the snapshot is saved, but \(what)"
    }
  }
}
