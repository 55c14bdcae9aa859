import Glibc
import LbudCore
import LbudTestSupport
import Synchronization
import Testing

@testable import LbudSystem

/// Whatever fails on the way, and wherever it is broken off: all is restored, or nothing.
@Suite struct RestoreTroubleTests {
  private let box: RestoreBox

  init() throws { box = try RestoreBox() }

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
    #expect(try box.names("etc") == ["a", "fill"])
    // What has room is restored all the same.
    #expect(try box.restore(["etc/a"]) == ["modified etc/a"])
    withExtendedLifetime(box.directory) {}
  }

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
    #expect(try box.names("etc") == ["f", "g", ".lbud-restore.abc"])
    box.builder.file("etc/f", "three")
    #expect(try box.restore().notes.isEmpty)
    #expect(try box.names("etc") == ["f", "g"])
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
    let left = try #require(try box.names("etc/b").first { $0 != "f" })
    #expect(try box.root.read(BytePath("etc/b/" + left), limit: 10) == Array("two".utf8))
    withExtendedLifetime(box.directory) {}
  }
}
