import LbudCore
import Testing

@testable import LbudArchive

/// The content of single files of a snapshot, as unpacking it would leave them.
@Suite struct SnapshotContentsTests {
  private func read(
    _ entries: [Entry], _ paths: [String], contentsOf: [String]? = nil, file: UInt64 = 1000, total: UInt64 = 1000
  ) throws -> [BytePath: SnapshotContents.Entry] {
    let bytes = try snapshot(entries).bytes
    return try SnapshotContents.read(
      fileSize: UInt64(bytes.count), paths: Set(paths.map { BytePath($0) }),
      contentsOf: Set((contentsOf ?? paths).map { BytePath($0) }), limits: .init(file: file, total: total),
      readAt: randomAccess(bytes)
    ).entries
  }

  private func readInside(
    _ entries: [Entry], _ directory: String, contentsOf: [String] = [], counts: SnapshotIndex.Limits = .init()
  ) throws -> [BytePath: SnapshotContents.Entry] {
    let bytes = try snapshot(entries).bytes
    return try SnapshotContents.read(
      fileSize: UInt64(bytes.count), paths: [], inside: BytePath(directory),
      contentsOf: Set(contentsOf.map { BytePath($0) }), limits: .init(file: 1000, total: 1000), counts: counts,
      readAt: randomAccess(bytes)
    ).entries
  }

  private func text(_ entry: SnapshotContents.Entry?) -> String? {
    entry?.content.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func onlyWhatWasAskedForIsKept() throws {
    let found = try read(
      [
        Entry("etc", .directory, mode: 0o755, time: 5), Entry("etc/a", content: "a"), Entry("etc/b", content: "b"),
        Entry("etc/l", .symlink(target: [0xff]), mode: 0o777),
      ], ["etc", "etc/b", "etc/l", "etc/no"], contentsOf: ["etc"])
    #expect(Set(found.keys) == [BytePath("etc"), BytePath("etc/b"), BytePath("etc/l")])
    #expect(found[BytePath("etc")]?.fingerprint.content == .directory)
    #expect(found[BytePath("etc")]?.modificationTime == 5)
    #expect(found[BytePath("etc/l")]?.fingerprint.content == .symlink(target: [0xff]))
    #expect(found[BytePath("etc/b")]?.size == 1)
    #expect(found[BytePath("etc/b")]?.content == nil)
  }

  @Test func ofADirectoryAllThatIsInItIsTold() throws {
    let entries = [
      Entry("etc", .directory, mode: 0o755), Entry("etc/d/a", content: "a"), Entry("etc/d", .directory, mode: 0o700),
      Entry("etc/da", content: "b"), Entry("etc/d/l", .hardLink(to: BytePath("etc/da"))), Entry("x", content: "x"),
    ]
    func told(_ directory: String) throws -> Set<String> {
      Set(try readInside(entries, directory).keys.map(\.display))
    }
    #expect(try told("etc/d") == ["etc/d", "etc/d/a", "etc/d/l"])
    #expect(try told("") == ["etc", "etc/d/a", "etc/d", "etc/da", "etc/d/l", "x"])
    #expect(try told("etc/d/a") == ["etc/d/a"])
    #expect(try told("etc/no") == [])
    #expect(try told("et") == [])
    // The file that it is a link to is not told of, and its content is.
    let found = try readInside(entries, "etc/d/l", contentsOf: ["etc/d/l"])
    #expect(found.count == 1 && text(found[BytePath("etc/d/l")]) == "b")
  }

  @Test func whatIsTooMuchIsAnErrorThoughItWasNotAskedFor() throws {
    let entries = (0..<20).map { Entry("etc/\($0)", .hardLink(to: BytePath("x"))) }
    #expect(throws: ArchiveError.tooManyEntries(limit: 20)) {
      try readInside([Entry("x", content: "x")] + entries, "y", counts: .init(entries: 20))
    }
    #expect(throws: ArchiveError.namesTooLong(limit: 50)) {
      try readInside([Entry("x", content: "x")] + entries, "y", counts: .init(names: 50))
    }
    #expect(throws: ArchiveError.namesTooLong(limit: 50)) {
      try readInside([Entry("l", .symlink(target: [UInt8](repeating: 0x61, count: 50)))], "y", counts: .init(names: 50))
    }
  }

  @Test func ofTwoEntriesOfOneNameTheLaterCounts() throws {
    let found = try read(
      [Entry("x", content: "first"), Entry("x", .symlink(target: [0x61])), Entry("x", content: "last")], ["x"], total: 5
    )
    #expect(text(found[BytePath("x")]) == "last")
  }

  @Test func hardLinksAreTheFileThatStoodThereBefore() throws {
    let entries = [
      Entry("a", content: "old"), Entry("b", .hardLink(to: BytePath("a"))), Entry("a", content: "new"),
      Entry("c", .hardLink(to: BytePath("b"))), Entry("d", .hardLink(to: BytePath("a")), mode: 0o600),
    ]
    for paths in [["a", "b", "c", "d"], ["c"], ["d"], ["b", "d"]] {
      let found = try read(entries, paths)
      #expect(found.count == paths.count)
      for path in paths {
        #expect(text(found[BytePath(path)]) == (["a", "d"].contains(path) ? "new" : "old"), "\(path) of \(paths)")
        #expect(found[BytePath(path)]?.fingerprint.mode == 0o644)
      }
    }
  }

  @Test(arguments: ["none", "dir"])
  func aHardLinkToNoFileIsAnError(target: String) {
    #expect(throws: ArchiveError.self) {
      try read([Entry("dir", .directory), Entry("x", .hardLink(to: BytePath(target)))], ["x"])
    }
  }

  @Test func whatIsBeyondTheLimitsIsLeftOut() throws {
    let entries = [
      Entry("a", content: "12345678901"), Entry("b", content: "1234567890"), Entry("c", content: "123456"),
      Entry("d", content: "1234"),
    ]
    let found = try read(entries, ["a", "b", "c", "d"], file: 10, total: 15)
    #expect(
      found.mapValues { $0.content?.count } == [
        BytePath("a"): nil, BytePath("b"): 10, BytePath("c"): nil, BytePath("d"): 4,
      ])
    #expect(found[BytePath("a")]?.size == 11)
  }

  @Test func damageBehindTheFileIsAnError() throws {
    var bytes = try snapshot([Entry("a", content: "a"), Entry("b", content: "b")], spanSize: 1).bytes
    let record = try SnapshotRecord.read(fileSize: UInt64(bytes.count), readAt: randomAccess(bytes))
    // In the checksum of the last gzip member.
    bytes[Int(try #require(record).compressedSize) - 6] ^= 1
    #expect(throws: ArchiveError.self) {
      try SnapshotContents.read(
        fileSize: UInt64(bytes.count), paths: [BytePath("a")], contentsOf: [BytePath("a")],
        limits: .init(file: 10, total: 10), readAt: randomAccess(bytes))
    }
  }
}
