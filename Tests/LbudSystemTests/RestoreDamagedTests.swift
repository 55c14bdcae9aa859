import LbudArchive
import LbudCore
import LbudTestSupport
import Testing

@testable import LbudSystem

/// Whatever is wrong with a snapshot: all of it is restored, or nothing.
@Suite struct RestoreDamagedTests {
  private let box: RestoreBox

  init() throws { box = try RestoreBox() }

  private func record(_ snapshot: [UInt8]) throws -> SnapshotRecord {
    try #require(
      try SnapshotRecord.read(fileSize: UInt64(snapshot.count)) { offset, buffer in
        let part = snapshot.dropFirst(Int(offset)).prefix(buffer.count)
        buffer.copyBytes(from: part)
        return part.count
      })
  }

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
}
