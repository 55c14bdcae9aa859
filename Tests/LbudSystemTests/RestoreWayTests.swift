import Glibc
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Symlinks, mounts, and what somebody does meanwhile: nothing is written through them, and all is restored, or nothing.
@Suite struct RestoreWayTests {
  private let box: RestoreBox

  init() throws { box = try RestoreBox() }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func mountsStay() throws {
    box.builder.file("etc/f", "one")
    try box.commit()
    box.builder.file("etc/f", "two")
    box.builder.directory(BytePath("etc/m"))
    let (mount, file) = (box.directory.path + "/etc/m", box.directory.path + "/etc/f")
    try #require(run(["mount", "-t", "tmpfs", "none", mount]).code == 0)
    defer { run(["umount", "-l", mount]) }
    box.builder.file("etc/m/inside", "x")
    let restored = try box.restore()
    #expect(box.lines(restored) == ["modified etc/f"])
    #expect(restored.notes == ["etc/m", "etc/m/inside"].map { "\($0): is on another mount; it stays" })
    box.builder.file("etc/f", "three")
    box.builder.file("other", "mounted")
    try #require(run(["mount", "--bind", box.directory.path + "/other", file]).code == 0)
    defer { run(["umount", "-l", file]) }
    let error = #expect(throws: StoreError.self) { try box.restore(["etc/f"]) }
    #expect(
      error?.description == "nothing is restored: something is mounted on /etc/f, which cannot be replaced")
    withExtendedLifetime(box.directory) {}
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func aLinkToAnotherFileSystemBecomesAFile() throws {
    box.builder.file("etc/motd", "one", mode: 0o640)
    box.builder.directory(BytePath("etc/z"))
    run(["ln", box.directory.path + "/etc/motd", box.directory.path + "/etc/z/same"])
    try box.commit()
    box.builder.file("etc/motd", "two")
    try #require(run(["mount", "-t", "tmpfs", "none", box.directory.path + "/etc/z"]).code == 0)
    defer { run(["umount", "-l", box.directory.path + "/etc/z"]) }
    let restored = try box.restore(RestoreRequest(paths: [BytePath("etc/motd"), BytePath("etc/z/same")]))
    #expect(box.lines(restored) == ["modified etc/motd", "added etc/z/same"])
    #expect(
      restored.notes == [
        "etc/z/same: cannot be a name of etc/motd any more, and is a file of its own: invalid cross-device link"
      ])
    #expect(try box.root.read(BytePath("etc/z/same"), limit: 10) == Array("one".utf8))
    #expect(try box.root.status(BytePath("etc/z/same")).mode == 0o640)
    withExtendedLifetime(box.directory) {}
  }

  /// A directory of the way becomes a symlink that leads elsewhere, at each step.
  @Test func aSymlinkSwappedInLeadsNowhere() throws {
    box.builder.file("etc/u/d/f", "one")
    box.builder.file("etc/u/d/g", "one")
    try box.commit()
    var wasSwapped = 0
    for number in 0..<40 {
      for path in ["etc/u", "etc/aside"] { box.builder.remove(path) }
      box.builder.file("etc/u/d/f", "two")
      box.builder.mode(BytePath("etc/u/d/f"), 0o600)
      box.builder.file("etc/u/d/new", "new")
      box.builder.directory(BytePath("outside"))
      for name in ["f", "g", "new"] { box.builder.file("outside/" + name, "others'") }
      let outside = box.picture("outside")
      var count = 0
      _ = try? box.restore { _, _ in
        defer { count += 1 }
        guard count == number else { return }
        wasSwapped += 1
        box.builder.rename("etc/u/d", "etc/aside")
        box.builder.symlink(BytePath("etc/u/d"), to: Array((box.directory.path + "/outside").utf8))
      }
      #expect(box.picture("outside") == outside, "step \(number)")
      if count < number { break }
    }
    #expect(wasSwapped > 4)
    withExtendedLifetime(box.directory) {}
  }

  @Test func aSymlinkOnTheWayIsNotWrittenThrough() throws {
    box.builder.file("etc/d/f", "one")
    run(["tar", "-C", box.directory.path, "-czf", box.directory.path + "/media/usb/box.apkovl.tar.gz", "etc/d/f"])
    box.builder.directory(BytePath("outside"))
    box.builder.remove("etc/d")
    box.builder.symlink(BytePath("etc/d"), to: Array("../outside".utf8))
    let error = #expect(throws: StoreError.self) { try box.restore(["etc/d/f"]) }
    #expect(
      error?.description
        == "nothing is restored: /etc/d is a symlink, and no directory: /etc/d/f cannot be put below it")
    #expect(try box.names("outside").isEmpty)
    withExtendedLifetime(box.directory) {}
  }

  /// What lbu.list names may be reached through a symlink: as it is saved it need not be written, and else it is said.
  @Test func whatIsBehindASymlinkIsLeftAlone() throws {
    box.builder.file("run/app/conf", "one")
    box.builder.symlink(BytePath("srv"), to: Array("run".utf8))
    box.builder.file("etc/f", "one")
    box.builder.file("etc/apk/protected_paths.d/lbu.list", "+srv/app/conf\n")
    try box.commit()
    #expect(try box.selected().entries.contains { $0.path == BytePath("srv/app/conf") })
    box.builder.file("etc/f", "two")
    #expect(box.lines(try box.restore()) == ["modified etc/f"])
    box.builder.file("run/app/conf", "two")
    box.builder.file("etc/f", "two")
    let error = #expect(throws: StoreError.self) { try box.restore(["srv/app"]) }
    #expect(
      error?.description
        == "nothing is restored: /srv is a symlink, and no directory: /srv/app/conf cannot be put below it")
    #expect(error?.hint == "it is /run/app/conf: lbuctl show prints what the snapshot has, to be put there")
    let rest = try box.restore()
    #expect(box.lines(rest) == ["modified etc/f"])
    #expect(
      rest.notes == [
        "srv/app/conf: is reached through a symlink, which leads to /run/app/conf, and is not as the snapshot has it; it stays"
      ])
    box.builder.remove("media/usb/box.apkovl.tar.gz")
    run([
      "tar", "-C", box.directory.path, "-czf", box.directory.path + "/media/usb/box.apkovl.tar.gz", "etc",
    ])
    let restored = try box.restore()
    #expect(restored.actions.isEmpty)
    #expect(restored.notes == ["srv/app/conf: is reached through a symlink; it stays"])
    withExtendedLifetime(box.directory) {}
  }

  @Test func aTreeThatWasMovedBehindALinkComesBack() throws {
    box.builder.file("etc/ssl/cert.pem", "cert")
    box.builder.file("etc/ssl/private/key.pem", "key", mode: 0o600)
    try box.commit()
    let before = box.picture()
    for request in [RestoreRequest.all, RestoreRequest(paths: [BytePath("etc/ssl")])] {
      box.builder.directory(BytePath("srv"))
      box.builder.rename("etc/ssl", "srv/ssl")
      box.builder.symlink(BytePath("etc/ssl"), to: Array("/srv/ssl".utf8))
      let moved = box.picture("srv/ssl")
      let restored = try box.restore(request)
      #expect(
        box.lines(restored) == [
          "modified etc/ssl", "added etc/ssl/cert.pem", "added etc/ssl/private", "added etc/ssl/private/key.pem",
        ])
      #expect(box.picture() == before)
      #expect(box.picture("srv/ssl") == moved)
      box.builder.remove("srv")
    }
    withExtendedLifetime(box.directory) {}
  }

  @Test func aFileThatIsNamedThroughALinkToo() throws {
    box.builder.file("etc/crontabs/root", "one")
    box.builder.directory(BytePath("var/spool"))
    box.builder.symlink(BytePath("var/spool/crontabs"), to: Array("/etc/crontabs".utf8))
    box.builder.file("etc/apk/protected_paths.d/lbu.list", "+var/spool/crontabs/root\n")
    try box.commit()
    #expect(try box.selected().entries.contains { $0.path == BytePath("var/spool/crontabs/root") })
    box.builder.file("etc/crontabs/root", "two")
    let restored = try box.restore()
    #expect(box.lines(restored) == ["modified etc/crontabs/root"] && restored.notes.isEmpty)
    #expect(try box.root.read(BytePath("etc/crontabs/root"), limit: 10) == Array("one".utf8))
    box.builder.remove("etc/crontabs/root")
    let error = #expect(throws: StoreError.self) { try box.restore(["var/spool/crontabs/root"]) }
    #expect(error?.hint == "lbuctl restore /etc/crontabs/root")
    #expect(box.lines(try box.restore()) == ["added etc/crontabs/root"])
    withExtendedLifetime(box.directory) {}
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func noMountIsEnteredByRemoving() throws {
    box.builder.directory(BytePath("etc/old/m"))
    let mount = box.directory.path + "/etc/old/m"
    try #require(run(["mount", "-t", "tmpfs", "none", mount]).code == 0)
    defer { run(["umount", "-l", mount]) }
    box.builder.file("etc/old/m/inside", "x")
    let error = #expect(throws: FileError.self) {
      try TemporaryEntry.remove(Array("old".utf8), in: BytePath("etc"), of: box.root)
    }
    #expect(error?.code == EXDEV)
    #expect(try box.names("etc/old/m") == ["inside"])
    withExtendedLifetime(box.directory) {}
  }

  /// Somebody makes, removes or fills what is about to be replaced: no crash, and no half.
  @Test func whatAppearsMeanwhileIsReplaced() throws {
    box.builder.file("etc/f", "one")
    try box.commit()
    box.builder.remove("etc/f")
    try box.restore { step, _ in if step == .replace { box.builder.file("etc/f", "meanwhile") } }
    #expect(try box.root.read(BytePath("etc/f"), limit: 10) == Array("one".utf8))
    box.builder.file("etc/f", "two")
    try box.restore { step, _ in if step == .replace { box.builder.remove("etc/f") } }
    #expect(try box.root.read(BytePath("etc/f"), limit: 10) == Array("one".utf8))
    #expect(try box.names("etc") == ["f"])
    withExtendedLifetime(box.directory) {}
  }
}
