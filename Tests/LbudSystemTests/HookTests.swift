import Glibc
import LbudCore
import LbudTestSupport
import Subprocess
import Synchronization
import Testing

@testable import LbudSystem

/// The programs of pre-package.d and post-package.d.
@Suite struct HookTests {
  private let directory = TemporaryDirectory()
  private let builder: TreeBuilder
  private let root: RootDirectory
  private static let before = "etc/lbu/pre-package.d"

  init() throws {
    builder = TreeBuilder(directory.path)
    root = try RootDirectory(path: directory.path)
  }

  private func hooks(timeout: Seconds = 60) -> Hooks { Hooks(root: root, timeout: timeout) }

  private func hook(_ name: String, _ script: String, folder: String = Self.before, mode: mode_t = 0o755) {
    builder.file("\(folder)/\(name)", "#!/bin/sh\n\(script)\n", mode: mode)
  }

  /// Runs them on a thread of their own, as lbud does.
  private func run(
    _ hooks: Hooks? = nil, _ stage: Hooks.Stage = .before
  ) async throws -> (output: [UInt8], error: StoreError?) {
    let hooks = hooks ?? self.hooks()
    let collected = Collected()
    return try await OwnThread.run(named: "hooks") {
      do {
        try hooks.run(stage) { collected.add($0) }
        return (collected.bytes, nil)
      } catch let error as StoreError {
        return (collected.bytes, error)
      }
    }
  }

  private final class Collected: Sendable {
    private let all = Mutex<[UInt8]>([])
    var bytes: [UInt8] { all.withLock { $0 } }
    func add(_ bytes: [UInt8]) { all.withLock { $0 += bytes } }
  }

  private func lines(_ output: [UInt8]) -> [String] {
    output.split(separator: UInt8(ascii: "\n")).map { displayText(of: $0) }
  }

  @Test func theyRunInTheOrderOfTheirBytes() async throws {
    // Tried with busybox 1.35.
    let run = ["-x", "1", "Z", "_e", "a.", "a..b", "a.sh", "b", "d-1"]
    for name in run.reversed() { hook(name, "echo ${0##*/}") }
    for name in ["c~", ".h", "with space", "a,b", "é", "a+", "new\nline"] { hook(name, "echo no: $0") }
    builder.file(BytePath("etc/lbu/pre-package.d").appending([0xff]), Array("#!/bin/sh\necho no".utf8), mode: 0o755)
    builder.directory(BytePath(Self.before + "/dir"))
    hook("plain", "echo no: $0", mode: 0o644)
    hook("other", "echo no: $0", folder: "etc/lbu/post-package.d")
    builder.symlink(BytePath(Self.before + "/dangling"), to: Array("nowhere".utf8))
    builder.symlink(BytePath(Self.before + "/todir"), to: Array("dir".utf8))
    let (output, error) = try await self.run()
    #expect(error == nil)
    #expect(lines(output) == run)
  }

  @Test func eachIsCalledByItsPath() async throws {
    hook("named", "echo $0")
    hook("target", "echo $0", folder: "usr/lib")
    builder.symlink(BytePath(Self.before + "/out"), to: Array("/usr/lib/target".utf8))
    let (output, error) = try await run()
    #expect(error == nil)
    #expect(lines(output) == [directory.path + "/etc/lbu/pre-package.d/named", directory.path + "/usr/lib/target"])
  }

  @Test func whereThereAreNoneNothingIsRun() async throws {
    #expect(!hooks().exist(.before))
    #expect(try await run().error == nil)
    builder.directory(BytePath(Self.before))
    #expect(!hooks().exist(.before))
    hook("a", "exit 1", mode: 0o644)
    #expect(!hooks().exist(.before))
    builder.mode(BytePath(Self.before + "/a"), 0o755)
    #expect(hooks().exist(.before) && !hooks().exist(.after))
    // What is no directory is none.
    builder.file("etc/lbu/post-package.d", "x")
    #expect(try await run(nil, .after).error == nil)
  }

  @Test func aFolderThatCannotBeReadIsAnError() async throws {
    builder.directory(BytePath("etc/lbu"))
    builder.symlink(BytePath(Self.before), to: Array("pre-package.d".utf8))
    #expect(hooks().exist(.before))
    let error = try await run().error
    #expect(
      error?.description
        == "cannot open etc/lbu/pre-package.d: too many levels of symbolic links, so nothing is saved")
    #expect(error?.hint == "mend or remove it: nothing else tells which programs to run")
  }

  @Test func aFailingOneIsNamedAndTheOthersRunAllTheSame() async throws {
    hook("a", "echo a; exit 3")
    hook("b", "echo b")
    var (output, error) = try await run()
    #expect(lines(output) == ["a", "b"])
    #expect(error?.description == "/etc/lbu/pre-package.d/a exited with 3, so nothing is saved")
    #expect(error?.hint == "mend it, or take its x bit away: chmod -x /etc/lbu/pre-package.d/a")
    hook("c", "exit 4")
    hook("d", "echo d; kill -9 $$")
    (output, error) = try await run()
    #expect(lines(output) == ["a", "b", "d"])
    #expect(error?.description == "/etc/lbu/pre-package.d/a exited with 3, and 2 more failed, so nothing is saved")
  }

  @Test func afterTheSnapshotAFailureSaysThatItIsSaved() async throws {
    hook("a", "exit 1", folder: "etc/lbu/post-package.d")
    let error = try await run(nil, .after).error
    #expect(error?.description == "the snapshot is saved, but /etc/lbu/post-package.d/a exited with 1")
  }

  @Test func aSignalIsNamed() async throws {
    hook("a", "kill -9 $$")
    #expect(
      try await run().error?.description == "/etc/lbu/pre-package.d/a was ended by signal 9, so nothing is saved")
  }

  @Test(arguments: [
    ("no program\n", "exec format error"), ("", "exec format error"),
    ("#!/no/such/interpreter\n", "the interpreter that it names is not there"),
  ])
  func whatCannotBeRunSaysWhy(content: String, reason: String) async throws {
    builder.file(Self.before + "/a", content, mode: 0o755)
    hook("b", "echo b")
    let (output, error) = try await run()
    #expect(error?.description == "/etc/lbu/pre-package.d/a cannot be run: \(reason), so nothing is saved")
    #expect(lines(output) == ["b"])
  }

  /// The grandchild keeps the pipe open and takes no notice of SIGTERM.
  @Test func oneThatHangsIsEndedWithAllThatItStarted() async throws {
    hook("a", "trap '' TERM; echo hangs; sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' & wait; sleep 1000")
    hook("b", "echo b")
    let start = SystemClock.now()
    let (output, error) = try await run(hooks(timeout: 1))
    let took = SystemClock.now().seconds(since: start)
    #expect(
      error?.description
        == "/etc/lbu/pre-package.d/a did not end within 1 second and was ended, so nothing is saved")
    #expect(
      error?.hint
        == "mend it, give it longer (LBUD_HOOK_TIMEOUT in /etc/lbu/lbu.conf), or take its x bit away: "
        + "chmod -x /etc/lbu/pre-package.d/a")
    // SIGTERM after a second, SIGKILL after three.
    #expect(took >= 3)
    let words = lines(output)
    #expect(words.count == 3 && words.first == "hangs" && words.last == "b")
    let grandchild = try #require(words.dropFirst().first.flatMap { Int32($0) })
    while kill(grandchild, 0) == 0, SystemClock.now().seconds(since: start) < 30, !isZombie(grandchild) { usleep(1000) }
    #expect(kill(grandchild, 0) != 0 || isZombie(grandchild))
  }

  private func isZombie(_ process: Int32) -> Bool {
    guard let text = try? ProcFile.read("/proc/\(process)/stat", limit: 4096) else { return true }
    return String(decoding: text, as: UTF8.self).contains(") Z ")
  }

  @Test func oneThatHangsMayPutThingsInOrder() async throws {
    hook("a", "trap 'echo mended; exit 0' TERM; sleep 1000 & wait")
    let (output, error) = try await run(hooks(timeout: 1))
    #expect(error?.description.contains("did not end within 1 second and was ended") ?? false)
    #expect(lines(output) == ["mended"])
  }

  @Test func whatAHookLeavesRunningIsNotWaitedFor() async throws {
    hook("a", "echo started; sleep 1000 & echo $!")
    let (output, error) = try await run()
    #expect(error == nil)
    let left = try #require(lines(output).last.flatMap { Int32($0) })
    // It is still there, so it was not waited for. And it is not ended: it may be a service that was started again.
    #expect(lines(output).first == "started" && kill(left, SIGKILL) == 0)
  }

  @Test func bothStreamsArePassedOnInTheirOrder() async throws {
    hook("a", "echo one; echo two >&2; printf three; printf '\\377\\000' >&2")
    #expect(try await run().output == Array("one\ntwo\nthree".utf8) + [0xff, 0])
    hook("a", "exec >/dev/null 2>&1; echo nothing")
    #expect(try await run().output.isEmpty)
    // A stream that is opened once more, as many scripts do.
    hook("a", "echo again > /dev/stderr; read line || echo nothing to read")
    #expect(lines(try await run().output) == ["again", "nothing to read"])
  }

  @Test func aLotOfOutputIsPassedOnWhole() async throws {
    hook("a", "head -c 10000000 /dev/zero; echo end")
    let output = try await run().output
    #expect(output.count == 10_000_004)
    #expect(output.suffix(4) == Array("end\n".utf8)[...])
  }

  @Test func aHookSeesLbudsEnvironmentWithoutWhatIsForLbudAlone() async throws {
    hook("a", "env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= | sort; pwd")
    var hooks = hooks()
    hooks.environment = .custom([
      "NOTIFY_SOCKET": "/run/x", "LISTEN_FDS": "1", "PASSWORD": "secret", "ROOT": "/elsewhere/", "LANG": "C",
      "LBU_MEDIA": "usb",
    ])
    hooks.hasPath = false
    let words = try await lines(run(hooks).output)
    #expect(
      words == [
        "LANG=C", "LBU_MEDIA=usb", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ROOT=\(directory.path)/", directory.path,
      ])
    hooks.environment = .custom(["PATH": "/bin:/usr/bin"])
    hooks.hasPath = true
    #expect(try await lines(run(hooks).output) == ["PATH=/bin:/usr/bin", "ROOT=\(directory.path)/", directory.path])
  }

  /// An editor that still has the file open for writing makes execve(2) fail with ETXTBSY.
  @Test func oneThatIsBeingWrittenIsTriedAgain() async throws {
    hook("a", "echo ran")
    let writer = open(directory.path + "/" + Self.before + "/a", O_WRONLY | O_CLOEXEC)
    let done = Flag()
    startThread {
      usleep(100_000)
      close(writer)
      done.raise()
    }
    let (output, error) = try await run()
    #expect(error == nil && lines(output) == ["ran"] && done.isRaised)
  }
}
