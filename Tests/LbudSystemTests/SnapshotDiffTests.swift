import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// The text of `lbuctl diff`, byte by byte.
@Suite(.onOwnThread) struct SnapshotDiffTests {
  @Test(arguments: DiffBox.programs.indices)
  func changedTextIsShownAsHunks(program: Int) async throws {
    let box = try DiffBox { $0.file("etc/motd", "one\ntwo\nthree\nfour\nfive\n") }
    let text = try await box.diff(program: DiffBox.programs[program]) {
      $0.file("etc/motd", "one\n2\nthree\nfour\nfive")
    }
    #expect(
      text == """
        diff -ruN a/etc/motd b/etc/motd
        --- a/etc/motd\tOLD
        +++ b/etc/motd\tNEW
        @@ -1,5 +1,5 @@
         one
        -two
        +2
         three
         four
        -five
        +five
        \\ No newline at end of file

        """)
  }

  @Test func addedAndRemovedFilesAreShownWhole() async throws {
    let box = try DiffBox {
      $0.file("etc/gone", "was\nhere\n", mode: 0o600)
      $0.file("etc/gone-empty", "")
    }
    let text = try await box.diff {
      $0.remove("etc/gone")
      $0.remove("etc/gone-empty")
      $0.file("etc/new", "is here")
      $0.file("etc/new-empty", "", mode: 0o4755)
    }
    #expect(
      text == """
        file etc/gone: removed, 0600 0:0
        diff -ruN a/etc/gone b/etc/gone
        --- a/etc/gone\tOLD
        +++ b/etc/gone\tNEVER
        @@ -1,2 +0,0 @@
        -was
        -here
        file etc/gone-empty: removed, 0644 0:0
        file etc/new: added, 0644 0:0
        diff -ruN a/etc/new b/etc/new
        --- a/etc/new\tNEVER
        +++ b/etc/new\tNEW
        @@ -0,0 +1 @@
        +is here
        \\ No newline at end of file
        file etc/new-empty: added, 4755 0:0

        """)
  }

  @Test func withoutASnapshotAllIsAdded() async throws {
    let box = try DiffBox { $0.file("etc/a", "x\n") }
    box.journal.replaceBaseline(nil, at: Instant(nanoseconds: 0))
    box.builder.directory(BytePath("etc/dir"))
    box.date(DiffBox.newTime)
    box.journal = Journal()
    try box.tree.retell(to: &box.journal)
    let bytes = try await DiffBox.bytes(
      root: box.root, snapshot: nil, changes: box.journal.changes.mapValues(\.kind))
    let text = String(decoding: bytes, as: UTF8.self)
    let time = DiffTime.text(seconds: DiffBox.newTime, nanoseconds: 123_456_789)
    #expect(
      text.hasPrefix(
        """
        directory etc: added, 0755 0:0
        file etc/a: added, 0644 0:0
        diff -ruN a/etc/a b/etc/a
        --- a/etc/a\t\(DiffTime.ofNothing)
        +++ b/etc/a\t\(time)
        @@ -0,0 +1 @@
        +x
        directory etc/dir: added, 0755 0:0

        """))
  }

  @Test func whatIsNoTextDiffers() async throws {
    let box = try DiffBox {
      $0.file("etc/first", "text\n")
      $0.file("etc/gone", "a\0b")
      $0.file("etc/late", String(repeating: "line\n", count: 40_000) + "\0")
      // Latin-1 is text: only a NUL is none.
      $0.file(BytePath("etc/latin"), [0xe9, 0x0a])
    }
    let bytes = try await box.bytes {
      $0.file("etc/first", "te\0t\n")
      $0.remove("etc/gone")
      $0.file("etc/late", String(repeating: "line\n", count: 40_000) + "x\n")
      $0.file("etc/new", "\0")
      $0.file(BytePath("etc/latin"), [0xe8, 0x0a])
    }
    let head = """
      Binary files a/etc/first and b/etc/first differ
      file etc/gone: removed, 0644 0:0
      Binary files a/etc/gone and b/etc/gone differ
      Binary files a/etc/late and b/etc/late differ
      diff -ruN a/etc/latin b/etc/latin
      --- a/etc/latin\tOLD
      +++ b/etc/latin\tNEW
      @@ -1 +1 @@

      """
    let hunk = [UInt8(ascii: "-"), 0xe9, 0x0a, UInt8(ascii: "+"), 0xe8, 0x0a]
    let tail = "file etc/new: added, 0644 0:0\nBinary files a/etc/new and b/etc/new differ\n"
    #expect(bytes == Array(head.utf8) + hunk + Array(tail.utf8))
  }

  @Test func whatIsTooLargeIsNotCompared() async throws {
    let text = String(repeating: "a\n", count: 500_000)
    let box = try DiffBox {
      $0.file(BytePath("etc/same-size"), Array(text.utf8))
      $0.file("etc/small", "x\n")
      $0.file("etc/mode-only", text)
    }
    let limits = SnapshotContents.Limits(file: 999_999, total: 999_999)
    let shown = try await box.diff(limits: limits) {
      $0.file(BytePath("etc/same-size"), Array(("b\n" + text.dropFirst(2)).utf8))
      $0.file("etc/small", text + text)
      $0.file("etc/new", text)
      $0.mode(BytePath("etc/mode-only"), 0o600)
    }
    #expect(
      shown == """
        mode of etc/mode-only: 0644 0:0 -> 0600 0:0
        file etc/new: added, 0644 0:0
        Files a/etc/new and b/etc/new differ (nothing and 1.0 MB: too large to compare line by line)
        Files a/etc/same-size and b/etc/same-size differ (1.0 MB and 1.0 MB: too large to compare line by line)
        Files a/etc/small and b/etc/small differ (2 B and 2.0 MB: too large to compare line by line)

        """)
  }

  @Test func linksKindsAndModesHaveLinesOfTheirOwn() async throws {
    let box = try DiffBox {
      $0.file("etc/passwd", "root:x:0:0::/:\nfirst:x:5:5::/:\nsecond:x:5:5::/:\n")
      $0.file("etc/group", "root:x:0:\nwheel:x:10:first\n")
      $0.symlink(BytePath("etc/link"), to: Array("old".utf8))
      $0.file("etc/file-to-link", "x\n")
      $0.directory(BytePath("etc/dir-to-file"))
      $0.symlink(BytePath("etc/link-to-file"), to: Array("/etc/shadow".utf8))
      $0.file("etc/mode", "x\n")
      $0.file("etc/both", "x\n")
      $0.directory(BytePath("etc/dir-gone"), mode: 0o700)
    }
    let text = try await box.diff {
      $0.remove("etc/link")
      $0.symlink(BytePath("etc/link"), to: Array("new one".utf8))
      $0.remove("etc/file-to-link")
      $0.symlink(BytePath("etc/file-to-link"), to: Array("x".utf8))
      $0.remove("etc/dir-to-file")
      $0.file("etc/dir-to-file", "x\n")
      $0.remove("etc/link-to-file")
      $0.file("etc/link-to-file", "x\n")
      $0.mode(BytePath("etc/mode"), 0o600)
      $0.file("etc/both", "y\n", mode: 0o640)
      $0.remove("etc/dir-gone")
      $0.directory(BytePath("etc/dir-new"), mode: 0o1777)
      $0.fifo(BytePath("etc/fifo"))
      $0.symlink(BytePath("etc/link-new"), to: [0xff, 0x0a])
    }
    #expect(
      text == #"""
        mode of etc/both: 0644 root:root -> 0640 root:root
        diff -ruN a/etc/both b/etc/both
        --- a/etc/both	OLD
        +++ b/etc/both	NEW
        @@ -1 +1 @@
        -x
        +y
        directory etc/dir-gone: removed, 0700 root:root
        directory etc/dir-new: added, 1777 root:root
        kind of etc/dir-to-file: directory, 0755 root:root -> file, 0644 root:root
        fifo etc/fifo: added, 0644 root:root
        kind of etc/file-to-link: file, 0644 root:root -> symbolic link to x, 0777 root:root
        symbolic link etc/link: old -> "new one"
        symbolic link etc/link-new: added, to "\377\n", 0777 root:root
        kind of etc/link-to-file: symbolic link to /etc/shadow, 0777 root:root -> file, 0644 root:root
        mode of etc/mode: 0644 root:root -> 0600 root:root

        """#)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to set owners"))
  func ownersHaveTheNamesOfTheRoot() async throws {
    let box = try DiffBox {
      $0.file("etc/passwd", "root:x:0:0::/:\nfirst:x:5:5::/:\nsecond:x:5:5::/:\n")
      $0.file("etc/group", "wheel:x:10:first\n")
      $0.file("etc/x", "x\n")
    }
    let text = try await box.diff { $0.owner(BytePath("etc/x"), uid: 5, gid: 10) }
    #expect(text == "mode of etc/x: 0644 root:0 -> 0644 first:wheel\n")
    #expect(
      try await box.diff { $0.owner(BytePath("etc/x"), uid: 77, gid: 78) }
        == "mode of etc/x: 0644 root:0 -> 0644 77:78\n")
  }

  @Test(.enabled(if: geteuid() == 0, "needs root for device nodes"))
  func deviceNumbersAreAKind() async throws {
    let path = "/etc/null"
    let box = try DiffBox { _ = mknod($0.base + path, S_IFCHR | 0o644, 0x103) }
    // A container may not make one.
    guard access(box.directory.path + path, F_OK) == 0 else { return }
    let text = try await box.diff {
      $0.remove("etc/null")
      _ = mknod($0.base + path, S_IFCHR | 0o644, 0x105)
    }
    #expect(text == "kind of etc/null: character device 1:3, 0644 0:0 -> character device 1:5, 0644 0:0\n")
  }

  @Test(arguments: DiffBox.programs.indices)
  func namesStayOnTheirLine(program: Int) async throws {
    let long = [UInt8](repeating: UInt8(ascii: "L"), count: 255)
    let names: [[UInt8]] = [
      Array("caf".utf8) + [0xe9], Array("two\nlines".utf8), Array("with space".utf8), Array("-dash".utf8), long,
      Array("ünï".utf8),
    ]
    let box = try DiffBox { builder in
      for name in names { builder.file(BytePath("etc").appending(name), [0x78, 0x0a]) }
    }
    let text = try await box.diff(program: DiffBox.programs[program]) { builder in
      for name in names { builder.file(BytePath("etc").appending(name), [0x79, 0x0a]) }
    }
    // In the order of the bytes.
    let shown = [
      ("a/etc/-dash", "b/etc/-dash"),
      ("a/etc/" + String(decoding: long, as: UTF8.self), "b/etc/" + String(decoding: long, as: UTF8.self)),
      (#""a/etc/caf\351""#, #""b/etc/caf\351""#), (#""a/etc/two\nlines""#, #""b/etc/two\nlines""#),
      (#""a/etc/with space""#, #""b/etc/with space""#), ("a/etc/ünï", "b/etc/ünï"),
    ]
    #expect(
      text
        == shown.map { old, new in
          "diff -ruN \(old) \(new)\n--- \(old)\tOLD\n+++ \(new)\tNEW\n@@ -1 +1 @@\n-x\n+y\n"
        }
        .joined())
  }

  @Test func whatIsAsItsPackageBroughtItIsNoLongerSelected() async throws {
    let box = try DiffBox { $0.file("etc/x", "x\n") }
    #expect(
      try await box.diff(changes: [BytePath("etc/x"): .deleted]).hasPrefix(
        "file etc/x: no longer selected, 0644 0:0\ndiff -ruN a/etc/x b/etc/x\n--- a/etc/x\tOLD\n+++ b/etc/x\tNEVER\n"))
  }
}

extension OverlayTree {
  /// Tells a journal that knows nothing yet what there is.
  func retell(to journal: inout Journal) throws {
    let again = try OverlayTree(root: root, selection: selection)
    try again.rescan(into: &journal, at: Instant(nanoseconds: 0))
    try again.update(&journal, at: Instant(nanoseconds: 0))
  }
}
