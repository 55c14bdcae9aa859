import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

@Suite("Who is in a transaction of apk")
struct ApkLockTests {
  @Test func aLockIsSeenAndNeverTaken() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let root = try RootDirectory(path: directory.path)
    let lock = ApkLock(root: root)
    #expect(lock.holder() == nil)
    TreeBuilder(directory.path).file("lib/apk/db/lock", "")
    #expect(lock.holder() == nil)

    let descriptor = open(directory.path + "/lib/apk/db/lock", O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(lock.holder() == LockTable.Holder(pid: getpid()))
    // Who only reads the database shares it.
    #expect(flock(descriptor, LOCK_SH | LOCK_NB) == 0)
    #expect(lock.holder() == nil)
    #expect(flock(descriptor, LOCK_UN) == 0)
    #expect(lock.holder() == nil)
  }

  @Test func aTransactionThatCameAndWentShowsByTheDatabase() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let lock = ApkLock(root: try RootDirectory(path: directory.path))
    TreeBuilder(directory.path).file("lib/apk/db/installed", "P:a\n\n")
    let mark = lock.mark()
    #expect(lock.isQuiet(since: mark))
    TreeBuilder(directory.path).file("lib/apk/db/installed.new", "P:a\n\n")
    #expect(
      rename(directory.path + "/lib/apk/db/installed.new", directory.path + "/lib/apk/db/installed") == 0)
    #expect(!lock.isQuiet(since: mark))
    #expect(lock.isQuiet(since: lock.mark()))
    #expect(lock.isQuiet(since: .unknown))
    #expect(!lock.isQuiet(since: .absent))
    TreeBuilder(directory.path).remove("lib/apk/db")
    #expect(lock.mark() == .absent)
  }
}

@Suite("Who was started by whom")
struct ProcessTreeTests {
  @Test func aProcessAndItsParents() {
    #expect(ProcessTree.isDescendant(getpid(), of: getpid()))
    #expect(ProcessTree.isDescendant(getpid(), of: getppid()))
    #expect(!ProcessTree.isDescendant(getppid(), of: getpid()))
    #expect(!ProcessTree.isDescendant(0, of: getpid()))
    #expect(!ProcessTree.isDescendant(Int32.max, of: getpid()))
  }

  @Test(
    "whatever a program calls itself",
    arguments: [
      ("12 (sh) S 34 5", 34), ("12 (a) S 1 (b c) S 34 5", 34), ("12 (\n) ) R 7", 7), ("12 (sh", nil), ("", nil),
      ("12 (sh) S", nil), ("12 (sh) S x", nil),
    ] as [(String, Int32?)])
  func parents(text: String, expected: Int32?) {
    #expect(ProcessTree.parent(in: Array(text.utf8)[...]) == expected)
  }
}
