import Glibc
import LbudArchive
import LbudCore
import LbudTestSupport
import Synchronization
import Testing

@testable import LbudSystem

/// Whatever goes wrong: all is restored, or nothing.
@Suite struct RestoreTroubleTests {
  private let box: RestoreBox

  init() throws { box = try RestoreBox() }

  private func names(_ path: String) throws -> Set<String> {
    Set(try box.root.openWithoutLinks(BytePath(path)).names(path: BytePath(path)).map { displayText(of: $0) })
  }

  private func record(_ snapshot: [UInt8]) throws -> SnapshotRecord {
    try #require(
      try SnapshotRecord.read(fileSize: UInt64(snapshot.count)) { offset, buffer in
        let part = snapshot.dropFirst(Int(offset)).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
      })
  }

  // MARK: Bad snapshots

  @Test func aThousandBitsFlipped() throws {
    box.builder.file("etc/motd", "one\n", mode: 0o640)
    box.builder.file("etc/d/f", "in a directory")
    box.builder.symlink(BytePath("etc/link"), to: Array("motd".utf8))
    try box.commit()
    let good = try box.root.read(box.snapshotPath, limit: 1 << 20)
    let right = box.picture()
    func spoil() {
      box.builder.remove("etc")
      box.builder.file("etc/motd", "two")
      box.builder.file("etc/new", "new")
    }
    spoil()
    let spoilt = box.picture()
    var generator = SeededNumbers(seed: 11)
    var survived = 0
    for _ in 0..<1000 {
      var damaged = good
      let place = Int.random(in: 0..<good.count, using: &generator)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      box.builder.file(box.snapshotPath, damaged)
      do {
        try box.restore()
        survived += 1
        #expect(box.picture() == right, "byte \(place)")
        spoil()
      } catch {
        #expect((error as? StoreError)?.description.hasPrefix("nothing is restored: ") == true, "\(error)")
      }
    }
    #expect(box.picture().map(Self.withoutTime) == spoilt.map(Self.withoutTime))
    // Only the time, flags and system in a gzip header mean nothing.
    #expect(survived > 0 && survived < 100)
    withExtendedLifetime(box.directory) {}
  }

  private static func withoutTime(_ line: String) -> String {
    line.contains("|") ? String(line[..<(line.lastIndex(of: "|") ?? line.endIndex)]) : line
  }

  @Test func cutAnywhere() throws {
    box.builder.file("etc/motd", "one\n")
    try box.commit()
    let good = try box.root.read(box.snapshotPath, limit: 1 << 20)
    let record = try record(good)
    box.builder.file("etc/motd", "two")
    let spoilt = box.picture()
    for count in 0..<good.count where UInt64(count) != record.compressedSize {
      box.builder.file(box.snapshotPath, Array(good.prefix(count)))
      #expect(throws: StoreError.self, "\(count) bytes") { try box.restore() }
    }
    #expect(box.picture() == spoilt)
    withExtendedLifetime(box.directory) {}
  }

  @Test func eachHasItsMessage() throws {
    box.builder.file("etc/motd", "one\n")
    try box.commit()
    let good = try box.root.read(box.snapshotPath, limit: 1 << 20)
    let shown = "nothing is restored: /media/usb/box.apkovl.tar.gz is no whole snapshot: "
    func message(_ bytes: [UInt8]) -> String? {
      box.builder.file(box.snapshotPath, bytes)
      return #expect(throws: StoreError.self) { try box.restore() }?.description
    }
    #expect(message([]) == shown + "the file is empty")
    #expect(message(Array("nonsense".utf8)) == shown + "not a gzip file")
    #expect(message(Array(good.prefix(good.count / 2)))?.hasPrefix(shown) == true)
    box.builder.file(box.snapshotPath, good)
    let limited = #expect(throws: StoreError.self) { try box.restore(limits: .init(entries: 1)) }
    #expect(limited?.description == shown + "the archive holds more than 1 entries")
    box.builder.remove("media/usb/box.apkovl.tar.gz")
    box.builder.directory(box.snapshotPath)
    #expect(refusal(.back(0)) == "/media/usb holds no snapshot of this box")
    #expect(refusal(.named(Array("box.apkovl.tar.gz".utf8))) == "/media/usb/box.apkovl.tar.gz is a directory")
    withExtendedLifetime(box.directory) {}
  }

  private func refusal(_ reference: SnapshotReference) -> String? {
    #expect(throws: StoreError.self) {
      let (entries, selection) = try box.selected()
      _ = try box.store().restore(RestoreOrder(.all, from: reference, selected: entries, selection: selection)) { _ in }
    }?.description
  }

  /// A medium that gives other bytes the second time.
  @Test func readASecondTimeItIsAnother() throws {
    box.fill()
    try box.commit()
    box.spoil()
    let spoilt = box.picture()
    let good = try box.root.read(box.snapshotPath, limit: 1 << 24)
    let size = Int(try record(good).compressedSize)
    for place in stride(from: 20, to: size, by: size / 40) {
      var isFirst = true
      let error = #expect(throws: StoreError.self, "byte \(place)") {
        try box.restore { step, _ in
          guard step == .stage, isFirst else { return }
          isFirst = false
          var other = good
          other[place] ^= 0x55
          box.builder.file(box.snapshotPath, other)
        }
      }
      #expect(error?.hint == "the medium may be dying: copy what it holds and replace it")
      box.builder.file(box.snapshotPath, good)
      #expect(box.picture() == spoilt)
    }
    withExtendedLifetime(box.directory) {}
  }

  // MARK: Steps that fail

  @Test func whereverItFailsNothingHasChanged() throws {
    box.fill()
    try box.commit()
    let right = box.picture()
    box.spoil()
    let spoilt = box.picture()
    var steps: [RestoreStep] = []
    for number in 0..<200 {
      var count = 0
      do {
        try box.restore { step, path in
          count += 1
          guard count <= number else {
            steps.append(step)
            throw FileError("touch", path, code: EIO)
          }
        }
        break
      } catch let error as StoreError {
        #expect(error.description.hasPrefix("nothing is restored: cannot touch /etc"))
        #expect(box.picture() == spoilt, "step \(number)")
      }
    }
    #expect(box.picture() == right)
    for step in [RestoreStep.stage, .synchronize, .replace, .permissions, .setAside] {
      #expect(steps.contains(step), "\(step)")
    }
    withExtendedLifetime(box.directory) {}
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount")) func withoutRoomNothingChanges() throws {
    let etc = box.directory.path + "/etc"
    try #require(run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", etc]).code == 0)
    defer { run(["umount", "-l", etc]) }
    box.builder.file("etc/a", "one")
    box.builder.file("etc/z/big", String(repeating: "0123456789", count: 30_000))
    try box.commit()
    box.builder.remove("etc/z")
    box.builder.file("etc/a", "two")
    run(["sh", "-c", "head -c 400k /dev/zero >\(etc)/fill"])
    let spoilt = box.picture()
    let error = #expect(throws: StoreError.self) { try box.restore(RestoreRequest(paths: [.root])) }
    #expect(error?.description == "nothing is restored: cannot write /etc/z/big: no space left on device")
    #expect(error?.hint == "make room in the file system it is on, or restore fewer paths")
    #expect(box.picture() == spoilt)
    #expect(try names("etc") == ["a", "fill"])
    // What has room is restored all the same.
    #expect(try box.restore(["etc/a"]) == ["modified etc/a"])
    withExtendedLifetime(box.directory) {}
  }

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

  // MARK: Ended in the middle

  private func word() throws -> CutOffRestore? { try CutOffRestore.read(RunFolder(root: box.root)) }

  /// A shutdown waits for no reading; once something has changed it is changed to its end.
  @Test func aReadingIsBrokenOff() throws {
    box.fill()
    try box.commit()
    let right = box.picture()
    box.spoil()
    let spoilt = box.picture()
    var number = 0
    while number < 1000 {
      let asked = Mutex(0)
      var store = try box.store()
      let limit = number
      store.isInterrupted = {
        asked.withLock {
          $0 += 1
          return $0 > limit
        }
      }
      do {
        try box.restore(store: store)
        break
      } catch let error as StoreError {
        #expect(
          error.description
            == "nothing is restored: the reading was broken off, since lbud ends or the machine shuts down")
        #expect(box.picture() == spoilt, "after \(number) readings")
        #expect(try word() == nil)
      }
      number += 1
    }
    // Both readings, and once before the first change.
    #expect(number > 4 && number < 1000)
    #expect(box.picture() == right)
    withExtendedLifetime(box.directory) {}
  }

  @Test func thereIsAWordOfItWhileSomethingChanges() throws {
    box.fill()
    try box.commit()
    box.spoil()
    let word = CutOffRestore(snapshot: Array("box.apkovl.tar.gz".utf8))
    for fails in [true, false] {
      var seen: [RestoreStep] = []
      _ = try? box.restore { step, path in
        let now = try self.word()
        #expect(now == (step == .stage || step == .synchronize ? nil : word), "\(step)")
        seen.append(step)
        if fails, step == .setAside { throw FileError("touch", path, code: EIO) }
      }
      #expect(seen.contains(.setAside))
      #expect(try self.word() == nil)
    }
    withExtendedLifetime(box.directory) {}
  }

  @Test func whatOneThatWasCutOffHasLeftIsNotRemoved() throws {
    box.builder.file("etc/f", "one")
    box.builder.file("etc/g", "one")
    try box.commit()
    box.builder.file("etc/f", "two")
    box.builder.file("etc/g", "two")
    let left = TemporaryName.make(0xabc)
    box.builder.file(BytePath("etc").appending(left), Array("mine".utf8))
    let run = RunFolder(root: box.root)
    let former = CutOffRestore(snapshot: Array("LBUD/box.20260101000000.tar.gz".utf8))
    try former.keep(run)
    // Neither one that fails nor one of a part makes an end of it.
    #expect(throws: StoreError.self) {
      try box.restore { step, path in if step == .replace { throw FileError("touch", path, code: EIO) } }
    }
    #expect(try word() == former)
    let part = try box.restore(RestoreRequest(paths: [BytePath("etc/f")]))
    let note = "etc/.lbud-restore.abc: left by a restore that was cut off, perhaps what was there before; it stays"
    #expect(part.notes == [note])
    #expect(try word() == former)
    #expect(try box.restore().notes == [note])
    #expect(try word() == nil)
    #expect(try names("etc") == ["f", "g", ".lbud-restore.abc"])
    box.builder.file("etc/f", "three")
    #expect(try box.restore().notes.isEmpty)
    #expect(try names("etc") == ["f", "g"])
    withExtendedLifetime(box.directory) {}
  }

  /// The file system makes itself unchangeable in the middle: what cannot be taken back is told, and where the former is.
  @Test func whatIsStuckIsToldWithThePlaceOfWhatWasThere() throws {
    box.builder.file("etc/a/f", "one")
    box.builder.file("etc/z", "one")
    try box.commit()
    box.builder.file("etc/a/f", "two")
    box.builder.file("etc/z", "two")
    let error = #expect(throws: StoreError.self) {
      try box.restore { step, path in
        guard step == .replace, path == BytePath("etc/z") else { return }
        box.builder.rename("etc/a", "etc/b")
        throw FileError("touch", path, code: EIO)
      }
    }
    let shown = error?.description ?? ""
    #expect(
      shown.hasPrefix(
        "cannot touch /etc/z: input/output error; restored before that, and not taken back: /etc/a/f (what was there is "
          + "/etc/a/.lbud-restore."), "\(shown)")
    #expect(try word() != nil)
    let left = try #require(try names("etc/b").first { $0 != "f" })
    #expect(try box.root.read(BytePath("etc/b/" + left), limit: 10) == Array("two".utf8))
    withExtendedLifetime(box.directory) {}
  }

  // MARK: What somebody does meanwhile

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
    #expect(try names("outside").isEmpty)
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
    #expect(try names("etc/old/m") == ["inside"])
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
    #expect(try names("etc") == ["f"])
    withExtendedLifetime(box.directory) {}
  }
}
