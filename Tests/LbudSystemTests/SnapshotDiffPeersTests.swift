import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// What other programs make of a diff, and what they would have said.
@Suite(.onOwnThread) struct SnapshotDiffPeersTests {
  /// Where a diff has no lines of its own it is GNU's, byte by byte.
  @Test(.enabled(if: Program.find("diff") != nil, "needs diff"), arguments: [1, 2, 3] as [UInt64])
  func isWhatGNUDiffSays(seed: UInt64) async throws {
    var random = SeededNumbers(seed: seed)
    let names = [
      "a", "b c", "d\"e", "f\\g", "h\ni", "j\tk", "-l", "m\u{1b}", String(repeating: "n", count: 255), "o", "p",
    ]
    let paths = names.map { BytePath("etc").appending(Array($0.utf8)) }
    let before = paths.map { _ in Self.text(&random) }
    let box = try DiffBox { builder in
      for (path, text) in zip(paths, before) where !text.isEmpty { builder.file(path, text) }
      // Only this one: GNU diff quotes no names where it says that files differ.
      builder.file("etc/q", "\0")
    }
    for (path, text) in zip(paths, before) {
      let now = Bool.random(using: &random) ? Self.edited(text, &random) : Self.text(&random)
      if now.isEmpty { unlink(path, in: box.directory.path) } else { box.builder.file(path, now) }
    }
    box.builder.file("etc/q", "\0\n")
    box.date(DiffBox.newTime)
    try box.observe()

    // The directories' dates are no matter to diff.
    let trees = TemporaryDirectory()
    run(["mkdir", trees.path + "/a"])
    #expect(run(["tar", "-xzf", box.snapshotPath, "-C", trees.path + "/a"]).code == 0)
    run(["mkdir", trees.path + "/b"])
    run(["cp", "-a", box.directory.path + "/etc", trees.path + "/b/etc"])
    let theirs = run(["sh", "-c", "cd '\(trees.path)' && LC_ALL=C TZ=UTC diff -ruN a b"])
    #expect(theirs.code == 1)

    let ours = try await DiffBox.bytes(
      root: box.root, snapshot: box.snapshotPath, changes: box.journal.changes.mapValues(\.kind))
    let shared = ours.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .filter { !$0.starts(with: Array("file ".utf8)) }
      .joined(separator: [UInt8(ascii: "\n")])
    #expect(String(decoding: Array(shared), as: UTF8.self) == String(decoding: theirs.output, as: UTF8.self))
    withExtendedLifetime(trees) {}
  }

  private func unlink(_ path: BytePath, in base: String) {
    Glibc.unlink((Array((base + "/").utf8) + path.bytes).map { CChar(bitPattern: $0) } + [0])
  }

  /// None, a few or many lines, with or without a newline at the end.
  private static func text(_ random: inout SeededNumbers) -> [UInt8] {
    let lineCount = [0, 1, 2, 30, 200].randomElement(using: &random) ?? 0
    var text: [UInt8] = []
    for _ in 0..<lineCount { text += Array("line \(UInt8.random(in: 0..<40, using: &random))\n".utf8) }
    if Bool.random(using: &random) { _ = text.popLast() }
    return text
  }

  private static func edited(_ text: [UInt8], _ random: inout SeededNumbers) -> [UInt8] {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Array($0) }
    for _ in 0..<4 {
      let index = Int.random(in: 0..<lines.count, using: &random)
      if Bool.random(using: &random) {
        lines.insert(Array("inserted".utf8), at: index)
      } else {
        lines[index] = Array("changed".utf8)
      }
    }
    return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  @Test(.enabled(if: Program.find("patch") != nil, "needs patch"), arguments: DiffBox.programs.indices)
  func patchMakesTheNewTextOfTheOld(program: Int) async throws {
    let names: [[UInt8]] = [
      Array("plain".utf8), Array("caf".utf8) + [0xe9], Array("with space".utf8), Array("quote\"\\".utf8),
      Array("tab\t".utf8), [UInt8](repeating: UInt8(ascii: "L"), count: 200), Array("ünï x".utf8),
    ]
    let paths = names.map { BytePath("etc").appending($0) }
    let box = try DiffBox { builder in
      for path in paths { builder.file(path, Array("one\ntwo\nthree\n".utf8)) }
      builder.file("etc/gone", "x\n")
      builder.file("etc/mode", "x\n")
      builder.file("etc/cut", "--- a/etc/plain\n+++ b/etc/plain\n@@ -1 +1 @@\n-no newline")
      builder.symlink(BytePath("etc/link"), to: Array("old".utf8))
    }
    let old = TemporaryDirectory()
    #expect(run(["tar", "-xzf", box.directory.path + "/snapshot", "-C", old.path]).code == 0)
    for path in paths { box.builder.file(path, Array("zero\none\n2\nthree".utf8)) }
    box.builder.remove("etc/gone")
    box.builder.mode(BytePath("etc/mode"), 0o600)
    box.builder.file("etc/cut", "--- a/etc/plain\n+++ b/etc/plain\n@@ -1 +1 @@\n-now with\n")
    box.builder.file("etc/new/er", "new\n")
    box.builder.remove("etc/link")
    box.builder.symlink(BytePath("etc/link"), to: Array("new".utf8))
    try box.observe()
    let bytes = try await DiffBox.bytes(
      root: box.root, program: DiffBox.programs[program], snapshot: box.snapshotPath,
      changes: box.journal.changes.mapValues(\.kind))

    TreeBuilder(old.path).file(BytePath("patch"), bytes)
    let patched = run(["sh", "-c", "cd '\(old.path)' && patch -p1 --binary <patch 2>&1"])
    #expect(patched.code == 0, "\(String(decoding: patched.output, as: UTF8.self))")
    let difference = run([
      "diff", "-r", "--no-dereference", "--exclude=link", box.directory.path + "/etc", old.path + "/etc",
    ])
    #expect(difference.code == 0, "\(String(decoding: difference.output, as: UTF8.self))")
    withExtendedLifetime(old) {}
  }
}
