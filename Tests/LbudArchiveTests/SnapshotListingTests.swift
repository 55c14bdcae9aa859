import LbudCore
import Testing

@testable import LbudArchive

/// The first and the second reading of a snapshot that is restored from.
@Suite("Snapshots that are restored from") struct SnapshotListingTests {
  private static func listing(_ bytes: [UInt8], limits: SnapshotIndex.Limits = .init()) throws -> SnapshotListing {
    try SnapshotListing.read(fileSize: UInt64(bytes.count), limits: limits, readAt: randomAccess(bytes))
  }

  private static func gzip(_ tar: [UInt8]) throws -> [UInt8] {
    var output = MemoryOutput()
    var deflater = try Deflater(level: 6)
    _ = try tar.withUnsafeBytes { try deflater.add($0, to: &output) }
    _ = try deflater.endMember(to: &output)
    return output.bytes
  }

  private static func why(_ tar: [UInt8]) -> String? {
    do {
      _ = try listing(gzip(tar))
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func saysWhatEachPathIs() throws {
    let (bytes, record) = try snapshot([
      Entry("etc", .directory, mode: 0o755), Entry("etc/a", content: "one"), Entry("etc/link", .symlink(target: [47])),
      Entry("etc/b", .hardLink(to: BytePath("etc/a")), mode: 0o600), Entry("etc/a", content: "two"),
    ])
    let listing = try Self.listing(bytes)
    #expect(listing.record == record && listing.items.count == 5)
    let saved = listing.saved
    // The name of the file that was there first keeps that, as when the archive is unpacked.
    #expect(saved[BytePath("etc/b")]?.origin == 1)
    #expect(saved[BytePath("etc/b")]?.fingerprint.mode == 0o644)
    #expect(saved[BytePath("etc/a")]?.origin == 4)
    #expect(saved[BytePath("etc/a")]?.fingerprint != saved[BytePath("etc/b")]?.fingerprint)
    #expect(saved.count == 4)
  }

  @Test func hostileArchivesAreRefused() throws {
    let file = RawTar.entry("etc/a", content: [1])
    func link(_ name: String, _ type: Character, _ target: String) -> [UInt8] {
      RawTar.header(Array(name.utf8), type: type) { block in
        block.replaceSubrange(157..<(157 + target.utf8.count), with: Array(target.utf8))
      }
    }
    let cases: [([UInt8], String)] = [
      (RawTar.entry("/etc/a"), "is absolute"), (RawTar.entry("etc/../../a"), "has a .. component"),
      (link("etc/l", "2", "/") + RawTar.entry("etc/l/passwd"), "lies in etc/l"),
      (link("etc/h", "1", "etc/shadow"), "is a hard link to etc/shadow"),
      (link("etc/h", "1", "/etc/shadow"), "is absolute"), (link("etc/h", "1", "../x"), "has a .. component"),
      (file + link("etc/a", "2", "x"), "comes twice"), (file + RawTar.entry("etc/a/b"), "lies in etc/a"),
      (RawTar.entry("etc/" + String(repeating: "x", count: 80), type: "9"), "an entry of type"),
    ]
    for (tar, words) in cases {
      let said = Self.why(tar + RawTar.end)
      #expect(said?.contains(words) == true, "\(words): \(said ?? "taken")")
    }
    #expect(Self.why(file + RawTar.end) == nil)
    #expect(Self.why(file)?.contains("no end mark") == true)
    #expect(Self.why([])?.isEmpty == false)
    #expect(throws: ArchiveError.cutGzip(at: 0)) { try Self.listing([]) }
  }

  @Test func tooManyEntriesAreRefusedBeforeTheyFillTheMemory() throws {
    let tar = (0..<50).flatMap { RawTar.entry("etc/\($0)") } + RawTar.end
    let bytes = try Self.gzip(tar)
    #expect(throws: ArchiveError.tooManyEntries(limit: 49)) { try Self.listing(bytes, limits: .init(entries: 49)) }
    #expect(throws: ArchiveError.namesTooLong(limit: 200)) { try Self.listing(bytes, limits: .init(names: 200)) }
    #expect(try Self.listing(bytes, limits: .init(entries: 50)).items.count == 50)
  }

  @Test func whatIsKeptOfListsIsLimitedAltogether() throws {
    let mebibyte = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20)
    func read(_ tar: [UInt8]) throws -> SnapshotListing {
      let bytes = try Self.gzip(tar + RawTar.end)
      return try SnapshotListing.read(
        fileSize: UInt64(bytes.count), keeps: { _ in true }, readAt: randomAccess(bytes))
    }
    let four = (0..<4).flatMap { RawTar.entry("etc/\($0).list", content: mebibyte) }
    #expect(try read(four).kept.count == 4)
    let limit = ArchiveError.keptTooLong(limit: 4 << 20)
    #expect(throws: limit) { try read(four + RawTar.entry("etc/4.list", content: [1])) }
    // One that another of its name replaces has been held too; and another name of one counts like it.
    #expect(throws: limit) { try read(four + RawTar.entry("etc/0.list", content: [1])) }
    let name = RawTar.header(Array("etc/5.list".utf8), type: "1") { block in
      block.replaceSubrange(157..<167, with: Array("etc/0.list".utf8))
    }
    #expect(throws: limit) { try read(four + name) }
  }

  @Test func whatIsReadASecondTimeIsWhatWasReadFirst() throws {
    let entries = [Entry("etc/a", content: "one"), Entry("etc/b", content: "two"), Entry("etc/c", content: "three")]
    let (bytes, _) = try snapshot(entries)
    let listing = try Self.listing(bytes)
    func reread(_ bytes: [UInt8], _ wanted: Set<Int>) throws -> [Int: String] {
      var contents: [Int: String] = [:]
      try listing.reread(wanted, readAt: randomAccess(bytes)) { place, read in
        var buffer = [UInt8](repeating: 0, count: 2)
        var content: [UInt8] = []
        while true {
          let count = try buffer.withUnsafeMutableBytes { try read($0) }
          if count == 0 { break }
          content += buffer[..<count]
        }
        contents[place] = String(decoding: content, as: UTF8.self)
      }
      return contents
    }
    #expect(try reread(bytes, [0, 2]) == [0: "one", 2: "three"])
    #expect(try reread(bytes, []).isEmpty)
    let other = try snapshot([entries[0], Entry("etc/b", content: "tow"), entries[2]]).bytes
    #expect(throws: SnapshotListing.Difference(path: BytePath("etc/b"))) { try reread(other, [1]) }
    // What is not wanted must be the same too.
    #expect(throws: SnapshotListing.Difference(path: nil)) { try reread(other, [0]) }
    #expect(throws: SnapshotListing.Difference.self) { try reread(snapshot([entries[0]]).bytes, [0]) }
    #expect(throws: SnapshotListing.Difference.self) { try reread(snapshot(entries + [entries[0]]).bytes, [0]) }
    #expect(throws: ArchiveError.self) { try reread(Array(bytes.prefix(60)), [0]) }
  }
}
