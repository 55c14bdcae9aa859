import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// A diff of what moves, cannot be read, or does not fit.
@Suite(.onOwnThread) struct SnapshotDiffTroubleTests {
  @Test func whatHasGoneMeanwhileIsRemoved() async throws {
    let box = try DiffBox { $0.file("etc/x", "x\n") }
    let changes: [BytePath: Change.Kind] = [BytePath("etc/x"): .modified, BytePath("etc/no/such"): .added]
    let text = try await box.diff(changes: changes) { $0.remove("etc/x") }
    #expect(text.hasPrefix("file etc/x: removed, 0644 0:0\ndiff -ruN a/etc/x b/etc/x\n"))
    #expect(text.hasSuffix("@@ -1 +0,0 @@\n-x\n"))
  }

  @Test func whatWasChangedBackMeanwhileIsNotShown() async throws {
    let box = try DiffBox { $0.file("etc/x", "x\n") }
    #expect(try await box.diff(changes: [BytePath("etc/x"): .modified]) == "")
    #expect(try await box.diff(changes: [BytePath("etc/x"): .metadata]) == "")
  }

  @Test func whatCannotBeReadIsSaid() async throws {
    // /proc/self/mem can be opened, and has nothing at its beginning.
    let root = try RootDirectory(path: "/proc/self")
    let bytes = try await DiffBox.bytes(
      root: root, snapshot: nil, changes: [BytePath("mem"): .added, BytePath("no"): .added])
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text == "file mem: added, 0600 0:0\ncannot read /mem: input/output error\n")
  }

  @Test func aLoopOfLinksOnTheWayIsSaid() async throws {
    let box = try DiffBox()
    let text = try await box.diff(changes: [BytePath("etc/loop/x"): .added]) {
      $0.symlink(BytePath("etc/loop"), to: Array("loop".utf8))
    }
    #expect(text == "cannot open etc/loop: too many levels of symbolic links\n")
  }

  @Test func withoutAProgramTheRestIsShown() async throws {
    let box = try DiffBox {
      $0.file("etc/a", "x\n")
      $0.file("etc/b", "x\n")
      $0.file("etc/gone", "x\n")
    }
    let text = try await box.diff(program: nil) {
      $0.file("etc/a", "y\n")
      $0.file("etc/b", "y\n")
      $0.remove("etc/gone")
    }
    #expect(
      text == """
        Files a/etc/a and b/etc/a differ
        Files a/etc/b and b/etc/b differ
        file etc/gone: removed, 0644 0:0
        diff -ruN a/etc/gone b/etc/gone
        --- a/etc/gone\tOLD
        +++ b/etc/gone\tNEVER
        @@ -1 +0,0 @@
        -x
        no diff program is installed, so lines that changed are not shown; apk add diffutils brings one

        """)
  }

  @Test func aProgramThatFailsIsSaid() async throws {
    let box = try DiffBox { $0.file("etc/a", "x\n") }
    let text = try await box.diff(program: .init(path: "/bin/sh", arguments: ["-c", "echo no memory >&2; exit 2"])) {
      $0.file("etc/a", "y\n")
    }
    #expect(text == "Files a/etc/a and b/etc/a differ (not compared line by line: diff: no memory)\n")
    let gone = try await box.diff(program: .init(path: "/no/such/diff"))
    #expect(gone.hasPrefix("Files a/etc/a and b/etc/a differ (not compared line by line: "), "\(gone)")
    #expect(gone.split(separator: "\n").count == 1)
  }

  @Test(arguments: [200, 0, -40])
  func aDamagedSnapshotIsAnError(position: Int) async throws {
    let box = try DiffBox { $0.file("etc/a", String(repeating: "text\n", count: 1000)) }
    let file = box.openSnapshot()
    let size = Int(try file.status(path: "").size)
    let raw = file.raw
    if position == 0 {
      ftruncate(raw, off_t(size / 2))
    } else {
      var byte: UInt8 = 0
      let offset = off_t(position < 0 ? size + position : position)
      pread(raw, &byte, 1, offset)
      byte ^= 0xff
      pwrite(raw, &byte, 1, offset)
    }
    await #expect(throws: ArchiveError.self) { try await box.diff { $0.file("etc/a", "y\n") } }
  }

  @Test func anErrorOfTheOutputEndsIt() throws {
    struct Left: Error {}
    let box = try DiffBox()
    let diff = SnapshotDiff(root: box.root)
    box.builder.file("etc/a", "x\n")
    #expect(throws: Left.self) {
      try diff.write(from: nil, changes: [BytePath("etc/a"): .added]) { _ in throw Left() }
    }
  }

  /// More than may be kept in memory at a time: the snapshot is read once more for the rest, and the text is the same.
  @Test(arguments: [1, 1000, 2500, 100_000])
  func batchesMakeNoDifference(total: UInt64) async throws {
    let box = try DiffBox { builder in
      for number in 0..<12 { builder.file("etc/\(number)", "\(number)\n" + String(repeating: "x\n", count: 300)) }
      // Not sorted where it stands, before what is in directories.
      builder.directory(BytePath("etc/a"))
    }
    let changed: (TreeBuilder) -> Void = { builder in
      for number in 0..<10 { builder.file("etc/\(number)", "now\n" + String(repeating: "x\n", count: 300)) }
      builder.remove("etc/10")
    }
    let all = try await box.diff(changed)
    #expect(try await box.diff(limits: .init(file: 1000, total: total)) == all)
    #expect(all.split(separator: "\n").count { $0.hasPrefix("diff -ruN ") } == 11)
  }

  @Test func hardLinksHaveTheirFilesContent() async throws {
    let box = try DiffBox { builder in
      builder.file("etc/first", "x\n", mode: 0o600)
      link(builder.base + "/etc/first", builder.base + "/etc/second")
      link(builder.base + "/etc/first", builder.base + "/etc/third")
    }
    // Only the last one differs: the others must be read for it.
    let text = try await box.diff {
      $0.remove("etc/third")
      $0.file("etc/third", "y\n", mode: 0o600)
    }
    #expect(
      text == """
        diff -ruN a/etc/third b/etc/third
        --- a/etc/third\tOLD
        +++ b/etc/third\tNEW
        @@ -1 +1 @@
        -x
        +y

        """)
  }

  /// A file that is written to all the time is shown in some state.
  @Test func aFileThatKeepsChangingIsShown() async throws {
    let box = try DiffBox { $0.file("etc/busy", "0\n") }
    let (builder, stop, stopped) = (box.builder, Flag(), Flag())
    startThread {
      var number = 1
      while !stop.isRaised {
        builder.file("etc/busy", "\(number)\n")
        number += 1
      }
      stopped.raise()
    }
    defer { while !stopped.isRaised { usleep(1000) } }
    defer { stop.raise() }
    for _ in 0..<3 {
      let bytes = try await DiffBox.bytes(
        root: box.root, snapshot: box.snapshotPath, changes: [BytePath("etc/busy"): .modified])
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.isEmpty || text.hasPrefix("diff -ruN a/etc/busy b/etc/busy\n"), "\(text)")
    }
  }

  /// The journal's word, which decides what is shown at all.
  @Test func timesAloneAreNoChangeAndOldTimesHideNone() async throws {
    let box = try DiffBox {
      $0.file("etc/touched", "x\n")
      $0.file("etc/older", "x\n")
    }
    _ = try await box.diff { $0.file("etc/older", "y\n") }
    box.date(DiffBox.oldTime - 1_000_000)
    try box.observe()
    #expect(box.journal.changes.mapValues(\.kind) == [BytePath("etc/older"): .modified])
  }
}
