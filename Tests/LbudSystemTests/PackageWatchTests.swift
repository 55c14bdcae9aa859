import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Which packages the next boot installs, read from a root as apk leaves it.
@Suite struct PackageWatchTests {
  let box: PackageBox
  init() throws { box = try PackageBox() }

  @Test func withoutAWorldApkIsNotInUse() throws {
    #expect(box.coverage() == nil)
  }

  @Test func theCacheBehindASymlinkWithTheIndexOfANetworkRepository() throws {
    box.cache(["foo 1", "bar 2"])
    box.world("foo bar gone")
    let coverage = try #require(box.coverage())
    #expect(coverage.cache == .folder(Array("/media/usb/cache".utf8)))
    #expect(coverage.covered.map(\.wanted.display) == ["foo", "bar"])
    #expect(coverage.covered.allSatisfy { $0.place == .cache })
    #expect(coverage.missing.map(\.wanted.display) == ["gone"])
    #expect(coverage.problems.isEmpty)
    #expect(coverage.remoteCount == 1)
  }

  /// The signature stands in a gzip member of its own, without an end of its tar.
  @Test(arguments: [true, false])
  func anIndexWithAndWithoutASignature(isSigned: Bool) throws {
    box.cache(["foo 1"], isSigned: isSigned)
    box.world("foo")
    #expect(box.missing() == [])
  }

  @Test func afileWithoutAnIndexThatNamesItIsWorthNothing() throws {
    box.cache(["foo 1"])
    box.tree.remove("media/usb/cache/APKINDEX.0a1b2c3d.tar.gz")
    box.world("foo")
    #expect(box.missing() == ["foo"])
    #expect(
      box.problems() == [
        "/media/usb/cache: has no index of a network repository: without one apk takes none of its packages from here"
      ])
    // apk's own list of what is installed and in no repository does as well.
    box.tree.file("media/usb/cache/installed", box.index(["foo 1"]))
    #expect(box.missing() == [])
  }

  @Test func aTornFileIsWorthNothing() throws {
    box.cache(["foo 1"])
    box.world("foo")
    box.tree.file("media/usb/cache/foo-1.00010203.apk", "tor")
    #expect(box.missing() == ["foo"])
    #expect(
      box.problems() == [
        "/media/usb/cache/foo-1.00010203.apk: has not the size that the index says: it is torn or another package"
      ])
    box.tree.remove("media/usb/cache/foo-1.00010203.apk")
    box.tree.directory(BytePath("media/usb/cache/foo-1.00010203.apk"))
    #expect(box.missing() == ["foo"])
  }

  @Test func aTornIndexIsWorthNothingAndSaid() throws {
    box.cache(["foo 1"])
    box.world("foo")
    let path = "media/usb/cache/APKINDEX.0a1b2c3d.tar.gz"
    let whole = box.packed(["foo 1"], isSigned: true)
    for content in [[], Array("<html>".utf8), Array(whole.prefix(whole.count / 2)), Array(whole.dropLast(4))] {
      box.tree.file(BytePath(path), content)
      #expect(box.missing() == ["foo"])
      #expect(box.problems().count == 1)
      #expect(try #require(box.problems().first).hasPrefix("/\(path): cannot be read: "))
    }
  }

  @Test func anIndexOfTheThirdFormatLeavesItOpen() throws {
    box.cache(["foo 1"])
    box.world("foo bar")
    box.tree.file("media/usb/cache/APKINDEX.11111111.tar.gz", "ADB.indx")
    let coverage = try #require(box.coverage())
    #expect(!coverage.isKnown)
    #expect(coverage.warning == nil)
    #expect(coverage.covered.map(\.wanted.display) == ["foo"])
  }

  @Test func aRepositoryOfTheBootMedia() throws {
    box.repository("media/usb/apks", ["foo 1 > bar", "bar 1"])
    box.tree.file("etc/apk/repositories", "/media/usb/apks\n@x /media/usb/more\n")
    box.world("foo")
    var coverage = try #require(box.coverage())
    #expect(coverage.covered.map(\.place) == [.repository(0)])
    #expect(
      coverage.repositories == [
        .init(path: Array("/media/usb/apks".utf8)), .init(path: Array("/media/usb/more".utf8), state: .unusable),
      ])
    #expect(coverage.cache == .none)
    // Named by the index, and the file is not there.
    box.tree.remove("media/usb/apks/x86_64/bar-1.apk")
    coverage = try #require(box.coverage())
    #expect(coverage.missing.map(\.brief) == ["foo (for want of bar)"])
  }

  @Test(arguments: ["media/usb", "media/usb/apks", "media/usb/boot/apks"])
  func aRepositoryThatTheBootLoaderFinds(path: String) throws {
    box.repository(path, ["foo 1"])
    box.tree.file("\(path)/.boot_repository", "")
    box.world("foo")
    #expect(box.missing() == [])
    box.tree.remove("\(path)/.boot_repository")
    #expect(box.missing() == ["foo"])
  }

  @Test func aRepositoryTooDeepForTheBootLoader() throws {
    box.repository("media/usb/a/b/c", ["foo 1"])
    box.tree.file("media/usb/a/b/c/.boot_repository", "")
    box.world("foo")
    #expect(box.missing() == ["foo"])
  }

  @Test func mediaThatIsNotMountedLeavesItOpen() throws {
    box.world("foo")
    box.tree.symlink(BytePath("etc/apk/cache"), to: Array("/media/usb/cache".utf8))
    box.tree.file("etc/fstab", "/dev/sdz1 /media/usb vfat noauto,ro 0 0\n")
    var coverage = try #require(box.coverage())
    #expect(coverage.cache == .notMounted(Array("/media/usb/cache".utf8)))
    #expect(coverage.warning == nil)
    // The directory below the mount point is there, and not what will be.
    box.tree.directory(BytePath("media/usb/cache"))
    coverage = try #require(box.coverage())
    #expect(!coverage.isKnown)
  }

  @Test func aCacheThatIsNotThere() throws {
    box.world("foo")
    box.tree.symlink(BytePath("etc/apk/cache"), to: Array("/media/usb/cache".utf8))
    let coverage = try #require(box.coverage())
    #expect(coverage.cache == .unusable(Array("/media/usb/cache".utf8)))
    #expect(try #require(coverage.warning).text.hasPrefix("the package cache /media/usb/cache cannot be used"))
  }

  /// It must not lead out of the root, and not round in a circle.
  @Test(arguments: ["../../../../../../tmp", "cache", "/etc/apk/cache", "../apk"])
  func symlinksStayInside(target: String) throws {
    box.world("foo")
    box.tree.symlink(BytePath("etc/apk/cache"), to: Array(target.utf8))
    #expect(box.missing() == ["foo"])
  }

  @Test func aFifoOrADirectoryInTheWayHangsNothing() throws {
    box.world("foo")
    box.tree.directory(BytePath("media/usb/cache"))
    box.tree.symlink(BytePath("etc/apk/cache"), to: Array("/media/usb/cache".utf8))
    box.tree.fifo(BytePath("media/usb/cache/APKINDEX.0a1b2c3d.tar.gz"))
    box.tree.fifo(BytePath("media/usb/cache/installed"))
    box.tree.directory(BytePath("etc/apk/repositories"))
    #expect(box.missing() == ["foo"])
    #expect(
      box.problems() == [
        "/etc/apk/repositories: cannot be read: is a directory",
        "/media/usb/cache/APKINDEX.0a1b2c3d.tar.gz: is no file",
        "/media/usb/cache/installed: cannot be read: invalid argument",
      ])
    box.tree.remove("etc/apk/world")
    box.tree.directory(BytePath("etc/apk/world"))
    #expect(box.problems().first == "/etc/apk/world: cannot be read: is a directory")
    #expect(box.coverage()?.warning == nil)
  }

  @Test func namesThatAreNoText() throws {
    let name: [UInt8] = [0x66, 0xff, 0xfe]
    let long = [UInt8](repeating: 0x6e, count: 236)
    for (name, size) in [(name, 1), (long, 2)] {
      let text = Array("C:Q1AAECAwQFBgcICQoLDA0ODxAREhM=\nP:".utf8) + name + Array("\nV:1\nS:\(size)\nI:1\n\n".utf8)
      box.tree.file(BytePath("media/usb/cache/APKINDEX.0a1b2c3\(size).tar.gz"), box.packed(text, isSigned: true))
      box.tree.file(
        BytePath("media/usb/cache").appending(name + Array("-1.00010203.apk".utf8)), [UInt8](repeating: 0, count: size))
    }
    box.tree.symlink(BytePath("etc/apk/cache"), to: Array("/media/usb/cache".utf8))
    box.tree.file(BytePath("etc/apk/world"), name + [0x0a] + long + [0x0a])
    #expect(box.coverage()?.covered.map(\.package) == [name, long])
  }

  @Test func aBootWithANetworkByTheKernelsCommandLine() throws {
    box.world("foo")
    box.tree.file("etc/apk/repositories", "https://example.org/main\n")
    for (line, isFetched) in [
      ("quiet alpine_repo=http://x/y\n", true), ("apkovl=https://x/{MAC}.apkovl.tar.gz", true), ("ip=dhcp", true),
      ("ip=off", false), ("ip=none", false), ("apkovl=sda1:/x quiet", false), ("", false),
    ] {
      box.tree.file("proc/cmdline", line)
      #expect(box.coverage()?.isFetched == isFetched, "\(line)")
    }
  }

  // MARK: Watching

  @Test func readsAgainOnlyWhatHasChanged() throws {
    box.cache(["foo 1"])
    box.repository("media/usb/apks", ["bar 1"])
    box.tree.file("media/usb/apks/.boot_repository", "")
    box.world("foo bar")
    var watch = PackageWatch(root: box.root)
    #expect(watch.mayHaveChanged())
    settle(&watch)
    #expect(!watch.mayHaveChanged())
    let changes: [(String, () -> Void)] = [
      ("the world", { box.world("foo bar baz") }),
      ("a file of the cache", { box.tree.remove("media/usb/cache/foo-1.00010203.apk") }),
      ("an index", { box.tree.file("media/usb/cache/APKINDEX.0a1b2c3d.tar.gz", "x") }),
      ("a file of the repository", { box.tree.remove("media/usb/apks/x86_64/bar-1.apk") }),
      ("the cache's place", { box.tree.remove("etc/apk/cache") }),
      ("repositories", { box.tree.file("etc/apk/repositories", "/x\n") }),
      ("a directory of repositories", { box.tree.file("etc/apk/repositories.d/x.list", "/x\n") }),
      ("other media", { box.tree.directory(BytePath("media/sda1")) }),
      ("what is installed", { box.tree.file("lib/apk/db/installed", "P:foo\nV:1\n\n") }),
    ]
    for (what, change) in changes {
      change()
      #expect(watch.mayHaveChanged(), "\(what)")
      settle(&watch)
      #expect(!watch.mayHaveChanged(), "\(what), read again")
    }
    #expect(watch.coverage?.missing.map(\.wanted.display) == ["foo", "bar", "baz"])
  }

  /// Reads until the files' timestamps are old enough to be believed.
  private func settle(_ watch: inout PackageWatch) {
    for _ in 0..<100 where watch.mayHaveChanged() {
      watch.read()
      usleep(10_000)
    }
  }
}
